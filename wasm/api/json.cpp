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

void Failure::report(std::string where, std::string what) {
  if (*this) return;
  field = std::move(where);
  message = std::move(what);
}

namespace {

const Json& empty_object() {
  static const Json json = Json::object();
  return json;
}
const Json& empty_array() {
  static const Json json = Json::array();
  return json;
}

}  // namespace

Reader::Reader(const Json& json, std::string path, Failure& failure)
    : json_(&json), path_(std::move(path)), failure_(&failure) {
  if (json.is_object()) return;
  failure.report(path_, "must be an object.");
  json_ = &empty_object();
}

bool Reader::has(const char* key) const {
  const auto it = json_->find(key);
  return it != json_->end() && !it->is_null();
}

std::string Reader::field(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void Reader::fail(const std::string& key, std::string message) const {
  failure_->report(field(key), std::move(message));
}

std::string Reader::text(const char* key) const {
  const auto it = json_->find(key);
  if (it != json_->end() && it->is_string()) return it->get<std::string>();
  fail(key, "must be a text.");
  return {};
}

double Reader::number(const char* key) const {
  const auto it = json_->find(key);
  if (it != json_->end() && it->is_number()) return it->get<double>();
  fail(key, "must be a number.");
  return 0;
}

bool Reader::flag(const char* key) const {
  const auto it = json_->find(key);
  if (it != json_->end() && it->is_boolean()) return it->get<bool>();
  fail(key, "must be true or false.");
  return false;
}

const Json& Reader::array(const char* key) const {
  const auto it = json_->find(key);
  if (it != json_->end() && it->is_array()) return *it;
  fail(key, "must be a list.");
  return empty_array();
}

Reader Reader::object(const char* key) const {
  const auto it = json_->find(key);
  if (it != json_->end()) return {*it, field(key), *failure_};
  fail(key, "is missing.");
  return {empty_object(), field(key), *failure_};
}

const Json& Reader::members(const char* key) const {
  const auto it = json_->find(key);
  if (it == json_->end()) return empty_object();
  if (it->is_object()) return *it;
  fail(key, "must be an object.");
  return empty_object();
}

std::map<std::string, double> Reader::numbers(const char* key) const {
  std::map<std::string, double> result;
  if (!has(key)) return result;
  const Reader inner = object(key);
  for (const auto& [name, value] : inner.json_->items()) {
    if (value.is_number())
      result[name] = value.get<double>();
    else
      inner.fail(name, "must be a number.");
  }
  return result;
}

}  // namespace isoloss::api
