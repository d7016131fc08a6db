// The engine for JavaScript: requests and reports as plain objects, columns as Float64Array. No
// arithmetic, no knowledge of what crosses. Compiled twice: with ISOLOSS_CALL = call for the module
// that the page starts with, = call_estimation for the one that it loads later. Objects are walked,
// not printed and parsed, which keeps a JSON printer, a parser and the C library's number
// formatting out of the page.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include "api/estimation.h"

// The C++ library would print why it aborts; nobody could read it here.
[[noreturn]] void std::__libcpp_verbose_abort(char const* /*format*/, ...) { __builtin_trap(); }

// Embind names types by their addresses where there is no run-time type information, for messages
// about types that nobody registered; there are none. Without this the whole of printf would be in
// the module.
extern "C" int siprintf(char* text, const char* /*format*/, ...) {
  *text = '\0';
  return 0;
}

namespace {

using emscripten::val;
using isoloss::api::Answer;
using isoloss::api::Columns;
using isoloss::api::FitJob;
using isoloss::api::Json;

/// No request goes deeper; what does would use up the stack.
constexpr int kDeepest = 16;

Json to_json(const val& value, int depth = 0) {
  if (depth > kDeepest) return nullptr;
  if (value.isNull() || value.isUndefined()) return nullptr;
  if (value.isTrue() || value.isFalse()) return value.isTrue();
  if (value.isNumber()) return value.as<double>();
  if (value.isString()) return value.as<std::string>();
  if (value.isArray()) {
    Json list = Json::array();
    const auto length = value["length"].as<unsigned>();
    for (unsigned i = 0; i < length; ++i) list.push_back(to_json(value[i], depth + 1));
    return list;
  }
  Json object = Json::object();
  const val keys = val::global("Object").call<val>("keys", value);
  const auto length = keys["length"].as<unsigned>();
  for (unsigned i = 0; i < length; ++i) {
    const auto key = keys[i].as<std::string>();
    object[key] = to_json(value[key], depth + 1);
  }
  return object;
}

val to_value(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return val(json.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return val(json.get<double>());
    case Json::value_t::string:
      return val(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      val list = val::array();
      unsigned i = 0;
      for (const Json& item : json) list.set(i++, to_value(item));
      return list;
    }
    case Json::value_t::object: {
      val object = val::object();
      for (const auto& item : json.items()) object.set(item.key(), to_value(item.value()));
      return object;
    }
    default:
      return val::null();
  }
}

Columns to_columns(const val& object) {
  Columns columns;
  const val keys = val::global("Object").call<val>("keys", object);
  const auto length = keys["length"].as<unsigned>();
  for (unsigned i = 0; i < length; ++i) {
    const auto key = keys[i].as<std::string>();
    columns[key] = emscripten::convertJSArrayToNumberVector<double>(object[key]);
  }
  return columns;
}

/// Arrays are copied out at once: a view into the engine's memory dies when that grows.
val to_answer(const Answer& answer) {
  val columns = val::object();
  for (const auto& [key, values] : answer.columns)
    columns.set(key, val::global("Float64Array")
                         .new_(val(emscripten::typed_memory_view(values.size(), values.data()))));
  val object = to_value(answer.json);
  object.set("columns", columns);
  return object;
}

FitJob& job() {
  static FitJob fit;
  return fit;
}

val call(const std::string& operation, const val& request, const val& columns) {
  return to_answer(isoloss::api::ISOLOSS_CALL(operation, to_json(request), to_columns(columns)));
}
val fit_start(const val& request, const val& columns) {
  return to_answer(job().start(to_json(request), to_columns(columns)));
}
val fit_step() { return to_answer(job().step()); }
val fit_result() { return to_answer(job().result()); }

}  // namespace

EMSCRIPTEN_BINDINGS(isoloss) {
  emscripten::function("call", &call);
  emscripten::function("fitStart", &fit_start);
  emscripten::function("fitStep", &fit_step);
  emscripten::function("fitResult", &fit_result);
}
