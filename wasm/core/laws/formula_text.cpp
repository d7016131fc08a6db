#include "core/laws/formula_text.h"

namespace isoloss {
namespace {

using Node = std::unique_ptr<FormulaNode>;
using Op = FormulaNode::Op;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Node branch(Op op, Node left, Node right) {
  auto node = std::make_unique<FormulaNode>();
  node->op = op;
  node->left = std::move(left);
  node->right = std::move(right);
  return node;
}

/// Recursive descent; every rule answers nullptr when the text does not fit.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Node whole() {
    Node node = sum();
    return peek() == '\0' ? std::move(node) : nullptr;
  }

 private:
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Node sum() {
    Node left = product();
    while (left && (peek() == '+' || peek() == '-')) {
      const Op op = text_[at_++] == '+' ? Op::add : Op::subtract;
      Node right = product();
      left = right ? branch(op, std::move(left), std::move(right)) : nullptr;
    }
    return left;
  }

  Node product() {
    Node left = power();
    while (left && (peek() == '*' || peek() == '/')) {
      const Op op = text_[at_++] == '*' ? Op::multiply : Op::divide;
      Node right = power();
      left = right ? branch(op, std::move(left), std::move(right)) : nullptr;
    }
    return left;
  }

  Node power() {
    Node base = atom();
    if (!base || peek() != '^') return base;
    ++at_;
    Node exponent = power();
    return exponent ? branch(Op::power, std::move(base), std::move(exponent)) : nullptr;
  }

  Node atom() {
    const char c = peek();
    if (c == '(') {
      ++at_;
      Node inside = sum();
      if (peek() != ')') return nullptr;
      ++at_;
      return inside;
    }
    auto node = std::make_unique<FormulaNode>();
    const std::size_t start = at_;
    if (is_digit(c)) {
      node->op = Op::number;
      // Formulas are written by us: plain decimals, read digit by digit (strtod would cost 6 KB).
      double unit = 1;
      bool fraction = false;
      for (; at_ < text_.size(); ++at_) {
        if (text_[at_] == '.' && !fraction) {
          fraction = true;
        } else if (is_digit(text_[at_])) {
          node->value = 10 * node->value + (text_[at_] - '0');
          if (fraction) unit *= 10;
        } else {
          break;
        }
      }
      node->value /= unit;
      return node;
    }
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    if (at_ == start) return nullptr;
    node->op = Op::symbol;
    node->symbol = text_.substr(start, at_ - start);
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<FormulaNode> parse_formula(std::string_view text) { return Parser(text).whole(); }

}  // namespace isoloss
