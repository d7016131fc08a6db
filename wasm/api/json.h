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

/// A request that cannot be understood. Only inside this layer: api.cpp turns it into an answer.
struct BadRequest {
  std::string field;
  std::string message;
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
  operator Json() {
    return std::move(json_);
  }  // NOLINT(google-explicit-constructor): return Object()…

 private:
  Json json_ = Json::object();
};

/// A list of texts from what has an id, or from texts.
Json texts(const std::vector<std::string_view>& items);

/// Reads fields of a request; each failure names the field.
class Reader {
 public:
  Reader(const Json& json, std::string path);

  bool has(const char* key) const;
  std::string field(const std::string& key) const;

  std::string text(const char* key) const;
  double number(const char* key) const;
  const Json& array(const char* key) const;
  Reader object(const char* key) const;
  /// Numbers by name; empty when the field is absent.
  std::map<std::string, double> numbers(const char* key) const;

 private:
  const Json& json_;
  std::string path_;
};

}  // namespace isoloss::api
