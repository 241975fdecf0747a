// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_body.h"

#include <algorithm>
#include <utility>

#include "server/base/units.h"

namespace tollgate::http {

void RequestBody::begin(const Rules& rules) {
  rules_ = rules;
  inflater_ = rules.inflation > 0 ? std::make_unique<Inflater>(rules.inflation) : nullptr;
}

// Compared without adding: a chunk's size may be anything up to 2^64 - 1. What comes compressed is
// limited twice: many empty members become nothing, for ever.
bool RequestBody::has_room(uint64_t more) const {
  return more <= rules_.limit - (inflater_ ? inflater_->received() : size());
}

RequestBody::Fault RequestBody::append(std::string_view piece) {
  return inflater_ ? inflate(piece) : store(piece);
}

RequestBody::Fault RequestBody::store(std::string_view bytes) {
  if (bytes.size() > rules_.limit - size()) return Fault::TooLarge;
  if (!file_ && memory_.size() + bytes.size() <= rules_.buffer) {
    memory_.append(bytes);
    return Fault::None;
  }
  if (!file_)
    if (const Fault fault = go_to_file(); fault != Fault::None) return fault;
  return check(file_->append(bytes));
}

RequestBody::Fault RequestBody::inflate(std::string_view piece) {
  if (!has_room(piece.size())) return Fault::TooLarge;
  Fault fault = Fault::None;
  const auto outcome = inflater_->feed(piece, [&](std::string_view bytes) {
    fault = store(bytes);
    return fault == Fault::None;
  });
  if (outcome == Inflater::Outcome::Corrupt) return Fault::Corrupt;
  return outcome == Inflater::Outcome::TooMuch ? Fault::TooLarge : fault;
}

RequestBody::Fault RequestBody::go_to_file() {
  auto made = BodyFile::create(rules_.temp_dir);
  if (!made) return check(fail(std::move(made).error()));
  file_ = *std::move(made);
  const std::string begun = std::exchange(memory_, {});
  return check(file_->append(begun));
}

RequestBody::Fault RequestBody::finish() {
  if (inflater_ && !inflater_->is_complete()) return Fault::Corrupt;
  return file_ ? check(file_->map()) : Fault::None;
}

RequestBody::Fault RequestBody::check(const Status& done) {
  if (done) return Fault::None;
  error_ = done.error().message;
  return Fault::NoFile;
}

void RequestBody::reset() {
  memory_.clear();
  if (memory_.capacity() > (64_KiB).count) memory_ = std::string();
  file_.reset();
  inflater_.reset();
  rules_ = {};
  error_.clear();
}

BodyRefusal refusal_of(RequestBody::Fault fault) {
  switch (fault) {
    case RequestBody::Fault::TooLarge:
      return {413, "the body is too large"};
    case RequestBody::Fault::Corrupt:
      return {400, "the body is not the gzip that it is said to be"};
    case RequestBody::Fault::NoFile:
    case RequestBody::Fault::None:
      break;
  }
  return {503, "there is no room for the body"};
}

Result<std::size_t> BodyReader::read(std::span<char> room) {
  std::size_t got = 0;
  if (const BodyFile* const file = body_.file()) {
    TOLLGATE_TRY(count, file->read(room, offset_));
    got = count;
  } else {
    const std::string_view left = body_.view().substr(offset_);
    got = std::min(left.size(), room.size());
    std::copy_n(left.begin(), got, room.begin());
  }
  offset_ += got;
  return got;
}

}  // namespace tollgate::http
