#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <string_view>

namespace isoloss {

/// A displayed formula as a tree. Grammar: + - * / ^ (right associative), parentheses, numbers,
/// names. Precedence as in mathematics.
struct FormulaNode {
  enum class Op { number, symbol, add, subtract, multiply, divide, power };
  Op op;
  double value = 0;    ///< number
  std::string symbol;  ///< symbol: id of a coefficient or symbol of a variable
  std::unique_ptr<FormulaNode> left;
  std::unique_ptr<FormulaNode> right;
};

/// nullptr if the text is no formula.
std::unique_ptr<FormulaNode> parse_formula(std::string_view text);

/// Value of the tree; `lookup(symbol)` gives the value of a name.
template <class Lookup>
double evaluate(const FormulaNode& node, const Lookup& lookup) {
  switch (node.op) {
    case FormulaNode::Op::number:
      return node.value;
    case FormulaNode::Op::symbol:
      return lookup(node.symbol);
    case FormulaNode::Op::add:
      return evaluate(*node.left, lookup) + evaluate(*node.right, lookup);
    case FormulaNode::Op::subtract:
      return evaluate(*node.left, lookup) - evaluate(*node.right, lookup);
    case FormulaNode::Op::multiply:
      return evaluate(*node.left, lookup) * evaluate(*node.right, lookup);
    case FormulaNode::Op::divide:
      return evaluate(*node.left, lookup) / evaluate(*node.right, lookup);
    case FormulaNode::Op::power:
      return std::pow(evaluate(*node.left, lookup), evaluate(*node.right, lookup));
  }
  return 0;
}

}  // namespace isoloss
