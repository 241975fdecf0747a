// Who may: permissions as values, with DRF's names and meanings.
//
//   is_authenticated() || read_only()        DRF's IsAuthenticatedOrReadOnly
//   is_admin().says("Only for admins.")
//
// Of a request on the whole: Route::require(). Of one object, once the handler has found it:
//
//   const ObjectPermission<Note> is_owner([](const Request& r, const Note& n) { … });
//   TOLLGATE_CHECK(check_object(request, is_owner || is_admin(), note));
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/request.h"

namespace tollgate::auth {

// What who is known and may not is told: 403 {"detail":message}, and "code", where there is one.
struct Denial {
  std::string message = "You do not have permission to perform this action.";
  std::string code = {};
};

class TOLLGATE_API Permission {
 public:
  using Check = std::function<bool(const http::Request&)>;

  // `check` runs on the loop, once the caller is known, and must not block.
  explicit Permission(Check check, Denial denial = {})
      : check_(std::move(check)), denial_(std::move(denial)) {}

  bool allows(const http::Request& request) const { return check_(request); }
  const Denial& denial() const { return denial_; }

  // The same with another text; of a whole expression, where it stands behind that.
  Permission says(std::string message, std::string code = {}) const {
    return Permission(check_, {.message = std::move(message), .code = std::move(code)});
  }

 private:
  Check check_;
  Denial denial_;
};

TOLLGATE_API Permission allow_anyone();
TOLLGATE_API Permission is_authenticated();
TOLLGATE_API Permission is_admin();   // is_staff, as DRF's IsAdminUser
TOLLGATE_API Permission read_only();  // GET, HEAD and OPTIONS
TOLLGATE_API Permission is_authenticated_or_read_only();

// The token has this claim with this value, or a list that holds it: has_claim("plan", "gold"). Of
// callers without a token it is no.
TOLLGATE_API Permission has_claim(std::string name, std::variant<bool, int64_t, std::string> value);

// As in DRF these have the usual text, whatever those of their parts are.
TOLLGATE_API Permission operator&&(Permission left, Permission right);
TOLLGATE_API Permission operator||(Permission left, Permission right);
TOLLGATE_API Permission operator!(Permission permission);

// Whether a caller may have to do with one T. Made of a Permission, it does not look at the T.
template <class T>
class ObjectPermission {
 public:
  using Check = std::function<bool(const http::Request&, const T&)>;

  // `check` runs where check_object() is called.
  explicit ObjectPermission(Check check, Denial denial = {})
      : check_(std::move(check)), denial_(std::move(denial)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): so that `is_owner || is_admin()` reads
  ObjectPermission(const Permission& permission)
      : check_([permission](const http::Request& r, const T&) { return permission.allows(r); }),
        denial_(permission.denial()) {}

  bool allows(const http::Request& request, const T& object) const {
    return check_(request, object);
  }
  const Denial& denial() const { return denial_; }
  bool is_hidden() const { return hidden_; }

  // Who may not have it is told that it does not exist: 404.
  ObjectPermission hidden() const {
    ObjectPermission out = *this;
    out.hidden_ = true;
    return out;
  }
  ObjectPermission says(std::string_view message) const {
    ObjectPermission out = *this;
    out.denial_.message = message;
    return out;
  }

  friend ObjectPermission operator&&(ObjectPermission a, ObjectPermission b) {
    return ObjectPermission(
        [a = std::move(a), b = std::move(b)](const http::Request& r, const T& o) {
          return a.allows(r, o) && b.allows(r, o);
        });
  }
  friend ObjectPermission operator||(ObjectPermission a, ObjectPermission b) {
    return ObjectPermission(
        [a = std::move(a), b = std::move(b)](const http::Request& r, const T& o) {
          return a.allows(r, o) || b.allows(r, o);
        });
  }
  friend ObjectPermission operator!(ObjectPermission a) {
    return ObjectPermission(
        [a = std::move(a)](const http::Request& r, const T& o) { return !a.allows(r, o); });
  }

 private:
  Check check_;
  Denial denial_;
  bool hidden_ = false;
};

// For a handler to return, where `permission` says no. Errors: Denied (403), with the permission's
// message; NotFound (404), where it is hidden; Unauthenticated (401), where nobody is known, who
// might be somebody that may.
template <class T>
Status check_object(const http::Request& request, const ObjectPermission<T>& permission,
                    const std::type_identity_t<T>& object) {
  if (permission.allows(request, object)) return {};
  if (permission.is_hidden()) return fail(Errc::NotFound, "Not found.");
  if (!request.identity().authenticated)
    return fail(Errc::Unauthenticated, "Authentication credentials were not provided.");
  return fail(Errc::Denied, permission.denial().message);
}

}  // namespace tollgate::auth
