#pragma once

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

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

/// Reads fields of a request; each failure names the field.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json_.is_object()) throw BadRequest{path_, "must be an object."};
  }

  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
  std::string field(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  std::string text(const char* key) const {
    if (!has(key) || !json_[key].is_string()) throw BadRequest{field(key), "must be a text."};
    return json_[key].get<std::string>();
  }
  double number(const char* key) const {
    if (!has(key) || !json_[key].is_number()) throw BadRequest{field(key), "must be a number."};
    return json_[key].get<double>();
  }
  const Json& array(const char* key) const {
    if (!has(key) || !json_[key].is_array()) throw BadRequest{field(key), "must be a list."};
    return json_[key];
  }
  Reader object(const char* key) const {
    if (!has(key)) throw BadRequest{field(key), "is missing."};
    return {json_[key], field(key)};
  }
  /// Numbers by name; empty when the field is absent.
  std::map<std::string, double> numbers(const char* key) const {
    std::map<std::string, double> result;
    if (!has(key)) return result;
    const Reader inner = object(key);
    for (const auto& [name, value] : inner.json_.items()) {
      if (!value.is_number()) throw BadRequest{inner.field(name), "must be a number."};
      result[name] = value.get<double>();
    }
    return result;
  }
  const Json& json() const { return json_; }

 private:
  const Json& json_;
  std::string path_;
};

}  // namespace isoloss::api
