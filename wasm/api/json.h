#pragma once

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isoloss::api {

/// Keys keep the order in which they are written, so that files can be read by people.
using Json = nlohmann::ordered_json;

/// Why a request cannot be understood: the first thing found, by field and sentence. Nothing throws
/// in the WebAssembly build, so reading goes on with harmless values and the caller asks at the
/// end.
struct Failure {
  std::string field;
  std::string message;

  void report(std::string where, std::string what);
  explicit operator bool() const { return !message.empty(); }
};

/// A number, or null where there is none: JSON has no NaN and no infinity.
inline Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
inline Json number(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }

/// Writes an object field by field: Object()("id", law.id)("lower", 0.0). Compiles to a fraction of
/// what nlohmann's initializer lists do.
class Object {
 public:
  Object& operator()(const char* key, Json value);
  Object& operator()(const char* key, std::string_view text);
  Object& operator()(const char* key, const char* text) {
    return (*this)(key, std::string_view(text));
  }
  Object& operator()(const char* key, const std::string& text) {
    return (*this)(key, std::string_view(text));
  }
  /// null where there is no finite number.
  Object& operator()(const char* key, double value);
  Object& operator()(const char* key, int value);
  Object& operator()(const char* key, bool value);
  Object& operator()(const char* key, const std::optional<double>& value);
  operator Json() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

/// A list of texts from what has an id, or from texts.
Json texts(const std::vector<std::string_view>& items);

/// Reads fields of a request; each failure names the field and answers an empty value.
class Reader {
 public:
  Reader(const Json& json, std::string path, Failure& failure);

  bool has(const char* key) const;
  std::string field(const std::string& key) const;
  void fail(const std::string& key, std::string message) const;

  std::string text(const char* key) const;
  double number(const char* key) const;
  bool flag(const char* key) const;
  const Json& array(const char* key) const;
  Reader object(const char* key) const;
  /// An object to go through by name; empty when the field is absent.
  const Json& members(const char* key) const;
  /// Numbers by name; empty when the field is absent.
  std::map<std::string, double> numbers(const char* key) const;
  Failure& failure() const { return *failure_; }

 private:
  const Json* json_;
  std::string path_;
  Failure* failure_;
};

}  // namespace isoloss::api
