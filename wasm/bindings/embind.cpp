// The engine for JavaScript: api calls with plain objects of Float64Array, nothing else. No
// arithmetic.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include "api/api.h"

namespace {

using emscripten::val;
using isoloss::api::Answer;
using isoloss::api::Columns;
using isoloss::api::FitJob;

Columns to_columns(const val& object) {
  Columns columns;
  const val keys = val::global("Object").call<val>("keys", object);
  for (const auto& key : emscripten::vecFromJSArray<std::string>(keys))
    columns[key] = emscripten::convertJSArrayToNumberVector<double>(object[key]);
  return columns;
}

/// Arrays are copied out at once: a view into the engine's memory dies when that grows.
val to_object(const Answer& answer) {
  val columns = val::object();
  for (const auto& [key, values] : answer.columns)
    columns.set(key, val::global("Float64Array")
                         .new_(val(emscripten::typed_memory_view(values.size(), values.data()))));
  val object = val::object();
  object.set("json", answer.json);
  object.set("columns", columns);
  return object;
}

FitJob& job() {
  static FitJob fit;
  return fit;
}

val call(const std::string& operation, const std::string& request, const val& columns) {
  return to_object(isoloss::api::call(operation, request, to_columns(columns)));
}
val fit_start(const std::string& request, const val& columns) {
  return to_object(job().start(request, to_columns(columns)));
}
val fit_step() { return to_object(job().step()); }
val fit_result() { return to_object(job().result()); }

}  // namespace

EMSCRIPTEN_BINDINGS(isoloss) {
  emscripten::function("call", &call);
  emscripten::function("fitStart", &fit_start);
  emscripten::function("fitStep", &fit_step);
  emscripten::function("fitResult", &fit_result);
}
