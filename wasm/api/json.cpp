#include "api/json.h"

namespace isoloss::api {

Object& Object::operator()(const char* key, Json value) {
  json_[key] = std::move(value);
  return *this;
}
Object& Object::operator()(const char* key, std::string_view text) {
  return (*this)(key, Json(std::string(text)));
}
Object& Object::operator()(const char* key, double value) { return (*this)(key, number(value)); }
Object& Object::operator()(const char* key, int value) { return (*this)(key, Json(value)); }
Object& Object::operator()(const char* key, bool value) { return (*this)(key, Json(value)); }
Object& Object::operator()(const char* key, const std::optional<double>& value) {
  return (*this)(key, number(value));
}

Json texts(const std::vector<std::string_view>& items) {
  Json list = Json::array();
  for (const std::string_view item : items) list.push_back(std::string(item));
  return list;
}

Reader::Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
  if (!json_.is_object()) throw BadRequest{path_, "must be an object."};
}

bool Reader::has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }

std::string Reader::field(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

std::string Reader::text(const char* key) const {
  if (!has(key) || !json_[key].is_string()) throw BadRequest{field(key), "must be a text."};
  return json_[key].get<std::string>();
}

double Reader::number(const char* key) const {
  if (!has(key) || !json_[key].is_number()) throw BadRequest{field(key), "must be a number."};
  return json_[key].get<double>();
}

const Json& Reader::array(const char* key) const {
  if (!has(key) || !json_[key].is_array()) throw BadRequest{field(key), "must be a list."};
  return json_[key];
}

Reader Reader::object(const char* key) const {
  if (!has(key)) throw BadRequest{field(key), "is missing."};
  return {json_[key], field(key)};
}

std::map<std::string, double> Reader::numbers(const char* key) const {
  std::map<std::string, double> result;
  if (!has(key)) return result;
  const Reader inner = object(key);
  for (const auto& [name, value] : inner.json_.items()) {
    if (!value.is_number()) throw BadRequest{inner.field(name), "must be a number."};
    result[name] = value.get<double>();
  }
  return result;
}

}  // namespace isoloss::api
