// SPDX-License-Identifier: Apache-2.0
#include "server/log/exception_text.h"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <typeinfo>

#include "server/log/logging.h"

namespace tollgate::log {

std::string describe_exception() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    log::critical("out of memory: the worker ends");
    std::terminate();
  } catch (const std::exception& error) {
    int status = 0;
    const char* const mangled = typeid(error).name();
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free);
    return std::string(name ? name.get() : mangled).append(": ").append(error.what());
  } catch (...) {
    return "something that is not a std::exception was thrown";
  }
}

}  // namespace tollgate::log
