#include "core/fit/groups.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "core/comparison/scores.h"
#include "core/fit/trust_region.h"
#include "core/math/order.h"

namespace isoloss {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
/// Groups whose separate fits give a start, the largest first.
constexpr std::size_t kMostStarts = 5;
/// Eigenvalues of a scaled matrix below this part of the largest count as 0.
constexpr double kSingular = 1e-12;
/// As in refits: the first step sees the runs within this many medians of |r|.
constexpr double kFirstWidth = 3;
constexpr double kAgree = 1e-9;
/// Residuals of noiseless runs.
constexpr double kRounding = 1e-12;
/// Mean square change of ln L̂ by a unit of an exponent below which it has no effect.
constexpr double kNoEffect = 1e-18;
/// The laws of the groups differ if separate fits are better by this much AICc.
constexpr double kClearlyBetter = 2;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Pseudo-inverse of a symmetric matrix: directions without curvature are left alone.
Matrix pseudo_inverse(const Matrix& A) {
  const auto n = A.rows();
  Vector scale(n);
  for (Eigen::Index i = 0; i < n; ++i)
    scale[i] = A(i, i) != 0 ? 1 / std::sqrt(std::abs(A(i, i))) : 0;
  const Matrix scaled = scale.asDiagonal() * A * scale.asDiagonal();
  const SymmetricEigen eigen = symmetric_eigen(scaled);
  double largest = 0;
  for (Eigen::Index i = 0; i < n; ++i) largest = std::max(largest, std::abs(eigen.values[i]));
  Matrix result = Matrix::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    if (std::abs(eigen.values[i]) > kSingular * largest)
      result += eigen.vectors.col(i) * eigen.vectors.col(i).transpose() / eigen.values[i];
  return scale.asDiagonal() * result * scale.asDiagonal();
}

/// A quadratic form in own and shared parameters with the own ones minimised out.
struct Reduced {
  Matrix matrix;    ///< shared × shared
  Matrix response;  ///< own × shared: −∂own/∂shared
};
Reduced reduce(const Matrix& full, const std::vector<int>& own, const std::vector<int>& shared) {
  const auto o = static_cast<Eigen::Index>(own.size());
  const auto s = static_cast<Eigen::Index>(shared.size());
  Matrix oo(o, o);
  Matrix os(o, s);
  Reduced result{.matrix = Matrix(s, s), .response = Matrix::Zero(o, s)};
  for (Eigen::Index i = 0; i < o; ++i) {
    for (Eigen::Index j = 0; j < o; ++j)
      oo(i, j) = full(own[static_cast<std::size_t>(i)], own[static_cast<std::size_t>(j)]);
    for (Eigen::Index j = 0; j < s; ++j)
      os(i, j) = full(own[static_cast<std::size_t>(i)], shared[static_cast<std::size_t>(j)]);
  }
  for (Eigen::Index i = 0; i < s; ++i)
    for (Eigen::Index j = 0; j < s; ++j)
      result.matrix(i, j) =
          full(shared[static_cast<std::size_t>(i)], shared[static_cast<std::size_t>(j)]);
  if (o > 0) {
    const Matrix inverse = pseudo_inverse(oo);
    result.response = inverse * os;
    result.matrix -= os.transpose() * result.response;
  }
  return result;
}

/// One group: its runs, and its law with all parameters and with the shared ones held. Parameters
/// are numbered as in the fit of all runs.
struct Part {
  Runs runs;
  Constraints constraints;
  std::vector<int> own;
  Vector theta;  ///< of the last solve
};

/// The shared exponents as variables of one problem.
class SharedProblem final : public Problem {
 public:
  SharedProblem(const Law& law, std::vector<Part>& parts, std::vector<int> shared,
                const Objective& objective)
      : law_(law), parts_(parts), shared_(std::move(shared)), objective_(objective) {
    for (const Part& part : parts_) {
      rows_ += part.runs.size();
      const bool kernel = kernel_applies(law_, part.constraints);
      if (kernel) {
        auto problem =
            std::make_unique<PowerSumProblem>(law_, part.constraints, part.runs, objective_);
        problem->set_coordinates(PowerSumProblem::Coordinates::linear);
        sums_.push_back(problem.get());
        problems_.push_back(std::move(problem));
        general_.push_back(nullptr);
      } else {
        auto problem =
            std::make_unique<GeneralProblem>(law_, part.constraints, part.runs, objective_);
        general_.push_back(problem.get());
        problems_.push_back(std::move(problem));
        sums_.push_back(nullptr);
      }
    }
    set_delta(objective_.solver_delta());
  }

  int size() const override { return static_cast<int>(shared_.size()); }
  double lower(int i) const override { return problems_[0]->lower(shared_[at(i)]); }
  double upper(int i) const override { return problems_[0]->upper(shared_[at(i)]); }

  void set_delta(double delta) override {
    for (auto& problem : problems_) problem->set_delta(delta);
    inner_ = objective_;
    if (!std::isfinite(delta)) return;
    // On the way to least absolute deviations the sums are Huber's.
    if (inner_.kind == Objective::Kind::log_absolute) inner_.kind = Objective::Kind::log_huber;
    inner_.delta = delta;
  }

  bool evaluate(const double* point, Curvature curvature, Evaluation& out) override {
    const Vector q = variables(point);
    out = {};
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      if (!solve(g, q)) return false;
      const Vector full = parameters(g);
      Evaluation part;
      if (!problems_[g]->evaluate(full.data(), curvature, part)) return false;
      const std::vector<int> own = inside(g, full);
      const Reduced reduced = reduce(matrix(part, g), own, shared_);
      out.value += part.value;
      for (int i = 0; i < size(); ++i) {
        for (int j = 0; j < size(); ++j) out.hessian[at(i)][at(j)] += reduced.matrix(i, j);
        out.gradient[at(i)] += part.gradient[at(shared_[at(i)])];
        // What the inner solve has left of the gradient, to first order.
        for (std::size_t o = 0; o < own.size(); ++o)
          out.gradient[at(i)] -=
              reduced.response(static_cast<Eigen::Index>(o), i) * part.gradient[at(own[o])];
      }
    }
    return std::isfinite(out.value);
  }

  void metric(const double* point, Evaluation& out) override {
    const Vector q = variables(point);
    for (auto& row : out.hessian) row.fill(0);
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      if (!(at_ == q) && !solve(g, q)) continue;
      const Vector full = parameters(g);
      Evaluation change;
      if (!problems_[g]->evaluate(full.data(), Curvature::metric, change)) continue;
      const Matrix own = reduce(matrix(change, g), inside(g, full), shared_).matrix;
      for (int i = 0; i < size(); ++i)
        for (int j = 0; j < size(); ++j)
          out.hessian[at(i)][at(j)] += own(i, j) / static_cast<double>(rows_);
    }
    for (int i = 0; i < size(); ++i) {
      double& diagonal = out.hessian[at(i)][at(i)];
      diagonal += 1e-6 * std::abs(diagonal) + 1e-10;
    }
  }

  bool residuals(const double* point, std::vector<double>& out) override {
    const Vector q = variables(point);
    out.clear();
    std::vector<double> part;
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      if (!solve(g, q) || !problems_[g]->residuals(parameters(g).data(), part)) return false;
      out.insert(out.end(), part.begin(), part.end());
    }
    return true;
  }

  double roundoff() const override {
    double sum = 0;
    for (const auto& problem : problems_) sum += problem->roundoff();
    return sum;
  }

  /// Exponents of a theta, as variables.
  Vector exponents(const Constraints& constraints, const Vector& theta) const {
    Vector q = Vector::Zero(size());
    for (int i = 0; i < size(); ++i)
      for (int k = 0; k < law_.size(); ++k)
        if (constraints.slots[at(k)].free == shared_[at(i)])
          q[i] = std::clamp(theta[k], lower(i), upper(i));
    return q;
  }

  /// The best own coefficients of every group at these exponents by a search from scratch.
  bool search(const Vector& q) {
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      Part& part = parts_[g];
      const Constraints held = held_at(part, q);
      if (held.free_count == 0) {
        part.theta = GeneralProblem(law_, held, part.runs, inner_).theta(nullptr);
        continue;
      }
      const auto search = make_search(law_, held, part.runs, objective_);
      while (search->step()) {
      }
      if (!std::isfinite(search->best().objective)) return false;
      part.theta = search->best().theta;
    }
    at_ = q;
    return true;
  }

 private:
  Vector variables(const double* point) const {
    Vector q(size());
    for (int i = 0; i < size(); ++i) q[i] = point[i];
    return q;
  }
  Matrix matrix(const Evaluation& sums, std::size_t g) const {
    const int n = problems_[g]->size();
    Matrix result(n, n);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) result(i, j) = sums.hessian[at(i)][at(j)];
    return result;
  }
  Constraints held_at(const Part& part, const Vector& q) const {
    Constraints held = part.constraints;
    for (int i = 0; i < size(); ++i)
      for (Slot& slot : held.slots)
        if (slot.free == shared_[at(i)]) slot = {.free = -1, .value = q[i]};
    renumber(held);
    return held;
  }

  /// The group's own coefficients at these exponents, from where they were last.
  bool solve(std::size_t g, const Vector& q) {
    Part& part = parts_[g];
    if (g == 0) at_ = q;
    const Constraints held = held_at(part, q);
    Vector theta = part.theta;
    // Levels at the centre of the runs stay when exponents move.
    Vector kernel = sums_[g] != nullptr ? sums_[g]->kernel_from_theta(theta) : Vector();
    for (int k = 0; k < law_.size(); ++k)
      for (int i = 0; i < size(); ++i)
        if (part.constraints.slots[at(k)].free == shared_[at(i)]) theta[k] = q[i];
    if (sums_[g] != nullptr) {
      const Vector moved = sums_[g]->kernel_from_theta(theta);
      const int levels = sums_[g]->exponent_index(0);
      for (int k = levels; k < kernel.size(); ++k) kernel[k] = moved[k];
      theta = sums_[g]->theta_from_kernel(kernel);
    }
    if (held.free_count > 0) {
      const Candidate found =
          warm_solve(law_, held, part.runs, inner_, theta, first_width(g, theta));
      if (!std::isfinite(found.objective)) return false;
      theta = found.theta;
    }
    part.theta = theta;
    return true;
  }

  double first_width(std::size_t g, const Vector& theta) const {
    if (!std::isfinite(inner_.solver_delta())) return 0;
    std::vector<double> r;
    const Runs& runs = parts_[g].runs;
    std::array<double, 4> x{};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      runs.row(i, x.data());
      r.push_back(law_.log_response(x.data(), theta.data()) - runs.log_response[i]);
    }
    return kFirstWidth * median_of_sorted(sorted_sizes(r));
  }

  /// theta of the last solve in the coordinates of the group's problem.
  Vector parameters(std::size_t g) const {
    const Vector& theta = parts_[g].theta;
    if (sums_[g] != nullptr) return sums_[g]->q_from_kernel(sums_[g]->kernel_from_theta(theta));
    Vector q = general_[g]->parameters(theta);
    for (int i = 0; i < q.size(); ++i)
      q[i] =
          std::isnan(q[i]) ? 0 : std::clamp(q[i], problems_[g]->lower(i), problems_[g]->upper(i));
    return q;
  }

  /// Own parameters that are not at a bound.
  std::vector<int> inside(std::size_t g, const Vector& q) const {
    std::vector<int> result;
    for (const int i : parts_[g].own)
      if (q[i] > problems_[g]->lower(i) && q[i] < problems_[g]->upper(i)) result.push_back(i);
    return result;
  }

  const Law& law_;
  std::vector<Part>& parts_;
  std::vector<int> shared_;
  const Objective objective_;
  Objective inner_;
  std::size_t rows_ = 0;
  std::vector<std::unique_ptr<Problem>> problems_;
  std::vector<PowerSumProblem*> sums_;  ///< null where the general way is taken
  std::vector<GeneralProblem*> general_;
  Vector at_;  ///< exponents of the last solve
};

/// A whole fit, from separate ones to the report.
class GroupsSession {
 public:
  GroupsSession(const FitSpecification& specification, const FitData& data,
                const std::vector<int>& group, int groups)
      : specification_(specification), law_(*specification.law), rows_(at(groups)) {
    for (std::size_t i = 0; i < group.size(); ++i) rows_[at(group[i])].push_back(i);
    for (const auto& rows : rows_) data_.push_back(rows_of(data, rows));
    settle_delta();
    pooled_ = std::make_unique<FitSession>(specification_, data);
    split();
  }

  GroupsFit run() {
    GroupsFit result;
    for (std::size_t g = 0; g < parts_.size(); ++g)
      result.groups.push_back(
          {.rows = static_cast<int>(parts_[g].runs.size()),
           .coefficients = std::vector<std::optional<double>>(at(law_.size()))});
    for (const int k : exponents())
      result.shared.push_back(
          {.coefficient = k, .value = std::nullopt, .standard_error = std::nullopt});
    if (too_few(result)) return result;
    finish(*pooled_);
    fit_separately(result);
    search(result);
    if (!best_.finite()) {
      result.status = FitStatus::max_iterations;
      return result;
    }
    describe(result);
    return result;
  }

 private:
  struct Best {
    double objective = std::numeric_limits<double>::infinity();
    bool converged = false;
    Vector q;
    std::vector<Vector> theta;
    bool finite() const { return std::isfinite(objective); }
  };

  static FitData rows_of(const FitData& data, const std::vector<std::size_t>& rows) {
    const auto pick = [&](const std::vector<double>& column) {
      std::vector<double> picked;
      if (!column.empty())
        for (const std::size_t i : rows) picked.push_back(column[i]);
      return picked;
    };
    FitData result{.inputs = {}, .response = pick(data.response), .weight = pick(data.weight)};
    for (const auto& input : data.inputs) result.inputs.push_back(pick(input));
    return result;
  }

  static void finish(FitSession& session) {
    while (session.step()) {
    }
  }

  /// δ from the scatter of each group about its own law, not from the distance between groups.
  void settle_delta() {
    if (!specification_.objective.delta_unknown()) return;
    double sum = 0;
    double total = 0;
    for (const FitData& data : data_) {
      FitSession session(specification_, data);
      finish(session);
      const double delta = session.setup().specification.objective.delta;
      if (!(delta > 0)) continue;
      sum += static_cast<double>(data.response.size()) * delta;
      total += static_cast<double>(data.response.size());
    }
    if (total > 0) specification_.objective.delta = sum / total;
  }

  std::vector<int> exponents() const {
    std::vector<int> list;
    for (int k = 0; k < law_.size(); ++k)
      if (law_.coefficients[at(k)].role == Coefficient::Role::exponent) list.push_back(k);
    return list;
  }

  void split() {
    const FitSetup& all = pooled_->setup();
    for (const int k : exponents()) {
      const int free = all.constraints.slots[at(k)].free;
      if (free >= 0 && std::ranges::count(shared_, free) == 0) shared_.push_back(free);
    }
    for (std::size_t g = 0; g < rows_.size(); ++g) {
      FitSetup alone = set_up(specification_, data_[g]);
      Part part{.runs = std::move(alone.runs),
                .constraints = all.constraints,
                .own = {},
                .theta = Vector()};
      // Weights as among all runs.
      for (std::size_t i = 0; i < rows_[g].size(); ++i)
        part.runs.weight[i] = all.runs.weight[rows_[g][i]];
      for (int k = 0; k < law_.size(); ++k) {
        Slot& slot = part.constraints.slots[at(k)];
        if (slot.free < 0 || std::ranges::count(shared_, slot.free) > 0) continue;
        // An input that never changes within the group: its term goes into the group's floor.
        if (alone.undetermined[at(k)])
          slot = {.free = -1, .value = kNothing};
        else if (std::ranges::count(part.own, slot.free) == 0)
          part.own.push_back(slot.free);
      }
      own_count_ += part.own.size();
      parts_.push_back(std::move(part));
    }
  }

  bool too_few(GroupsFit& result) {
    std::size_t rows = 0;
    bool enough = true;
    std::size_t most = 0;
    for (const Part& part : parts_) {
      rows += part.runs.size();
      enough = enough && part.runs.size() >= part.own.size();
      most = std::max(most, part.own.size());
    }
    if (enough && rows > own_count_ + shared_.size() && !pooled_->setup().too_few) return false;
    const std::size_t needed = enough ? own_count_ + shared_.size() + 1 : most;
    warn(result, enough ? "too_few_runs" : "too_few_in_group", {}, static_cast<double>(needed));
    return true;
  }

  static void warn(GroupsFit& result, std::string_view code, std::vector<int> coefficients,
                   std::optional<double> value) {
    result.warnings.push_back(
        {.code = code, .coefficients = std::move(coefficients), .quantities = {}, .value = value});
  }

  void fit_separately(GroupsFit& result) {
    double objective = 0;
    std::size_t free = 0;
    bool all = true;
    std::vector<double> residual(pooled_->setup().runs.size());
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      FitSession session(specification_, data_[g]);
      finish(session);
      const FitResult fitted = session.result();
      free += at(fitted.free_coefficients);
      if (!fitted.objective) {
        all = false;
        continue;
      }
      separate_.push_back({.rows = parts_[g].runs.size(), .theta = session.best_theta()});
      std::vector<double> r = fitted.log_residual;
      for (std::size_t i = 0; i < r.size(); ++i) residual[rows_[g][i]] = r[i];
      if (!specification_.objective.log_residual())
        for (std::size_t i = 0; i < r.size(); ++i)
          r[i] = parts_[g].runs.response[i] * std::expm1(r[i]);
      objective += specification_.objective.value(r, parts_[g].runs.weight);
    }
    if (!all) return;
    result.separate_objective = objective;
    const Runs& runs = pooled_->setup().runs;
    result.aicc_separate = score(specification_.objective, residual, runs.response, runs.weight,
                                 static_cast<int>(free))
                               .aicc;
  }

  void search(GroupsFit& result) {
    SharedProblem problem(law_, parts_, shared_, specification_.objective);
    const Constraints& constraints = pooled_->setup().constraints;
    std::vector<Vector> starts;
    std::vector<double> sizes;
    for (const Separate& fitted : separate_) sizes.push_back(-static_cast<double>(fitted.rows));
    for (const std::size_t g : ascending(sizes))
      if (starts.size() < kMostStarts)
        starts.push_back(problem.exponents(constraints, separate_[g].theta));
    if (!starts.empty()) {
      Vector mean = Vector::Zero(problem.size());
      for (const Vector& start : starts) mean += start / static_cast<double>(starts.size());
      starts.push_back(mean);
    }
    if (pooled_->best_objective())
      starts.push_back(problem.exponents(constraints, pooled_->best_theta()));
    std::vector<double> ends;
    for (const Vector& start : starts) {
      const double before = best_.objective;
      double end = std::numeric_limits<double>::infinity();
      if (!problem.search(start)) continue;
      const std::vector<Vector> found = thetas();
      end = std::min(end, keep(start, shared_.empty()));
      for (const bool continuation : {false, true}) {
        if (shared_.empty()) break;
        // The second goes on from where the first has ended, if that was the best so far.
        const bool on = best_.objective < before;
        set_thetas(on ? best_.theta : found);
        const Minimum minimum =
            minimise(problem, on ? best_.q : start, specification_.objective.solver_delta(),
                     {.max_iterations = 100, .reweighted_steps = 0, .continuation = continuation});
        std::vector<double> ignored;
        problem.set_delta(specification_.objective.solver_delta());
        if (problem.residuals(minimum.q.data(), ignored))
          end = std::min(end, keep(minimum.q, minimum.converged));
      }
      ends.push_back(end);
    }
    result.starts_tried = static_cast<int>(ends.size());
    result.starts_agreeing = static_cast<int>(std::ranges::count_if(
        ends, [&](double end) { return end <= best_.objective * (1 + kAgree) + rounding(); }));
  }

  std::vector<Vector> thetas() const {
    std::vector<Vector> result;
    for (const Part& part : parts_) result.push_back(part.theta);
    return result;
  }
  void set_thetas(const std::vector<Vector>& theta) {
    for (std::size_t g = 0; g < parts_.size(); ++g) parts_[g].theta = theta[g];
  }

  /// The objective of residuals that are nothing but rounding.
  double rounding() const {
    const Runs& runs = pooled_->setup().runs;
    const std::vector<double> noise(runs.size(), kRounding);
    return specification_.objective.value(noise, runs.weight);
  }

  /// The objective as reported at the groups' present theta; the best is kept. An end that repeats
  /// the best one and has converged says so of it.
  double keep(const Vector& q, bool converged) {
    double objective = 0;
    for (const Part& part : parts_)
      objective += specification_.objective.value(residuals_of(part, false), part.runs.weight);
    if (!std::isfinite(objective)) return objective;
    converged = converged || objective <= rounding();
    if (objective < best_.objective) {
      const bool same = objective >= best_.objective * (1 - 1e-12);
      best_.converged = converged || (same && best_.converged);
      best_.objective = objective;
      best_.q = q;
      best_.theta = thetas();
    } else if (objective <= best_.objective * (1 + 1e-12)) {
      best_.converged = best_.converged || converged;
    }
    return objective;
  }

  std::vector<double> residuals_of(const Part& part, bool log) const {
    std::vector<double> r;
    std::array<double, 4> x{};
    for (std::size_t i = 0; i < part.runs.size(); ++i) {
      part.runs.row(i, x.data());
      const double ratio =
          law_.log_response(x.data(), part.theta.data()) - part.runs.log_response[i];
      r.push_back(log || specification_.objective.log_residual()
                      ? ratio
                      : part.runs.response[i] * std::expm1(ratio));
    }
    return r;
  }

  void describe(GroupsFit& result) {
    set_thetas(best_.theta);
    result.objective = best_.objective;
    const Runs& runs = pooled_->setup().runs;
    result.predicted.resize(runs.size());
    result.log_residual.resize(runs.size());
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      const std::vector<double> r = residuals_of(parts_[g], true);
      for (std::size_t i = 0; i < r.size(); ++i) {
        result.log_residual[rows_[g][i]] = r[i];
        result.predicted[rows_[g][i]] = parts_[g].runs.response[i] * std::exp(r[i]);
      }
    }
    result.aicc_shared = score(specification_.objective, result.log_residual, runs.response,
                               runs.weight, static_cast<int>(own_count_ + shared_.size()))
                             .aicc;
    const std::vector<double> errors = standard_errors();
    values(result, errors);
    bool flat = pooled_->setup().inseparable;
    for (const double error : errors) flat = flat || error == kNothing;
    if (flat)
      result.status = FitStatus::flat_direction;
    else if (!best_.converged)
      result.status = FitStatus::max_iterations;
    else
      result.status = at_bound_ ? FitStatus::at_bound : FitStatus::converged;
    result.usable = result.status == FitStatus::converged || result.status == FitStatus::at_bound;
    if (result.aicc_shared && result.aicc_separate &&
        *result.aicc_shared - *result.aicc_separate > kClearlyBetter)
      warn(result, "exponents_differ", exponents(), *result.aicc_shared - *result.aicc_separate);
  }

  /// Of the shared parameters, from the sandwich of all coefficients of all groups with the
  /// groups' own ones taken out: x = ∂f/∂e − (∂f/∂own)·H_oo⁻¹H_oe for each run, H = Σ ψ′xxᵀ,
  /// K = Σ ψ²xxᵀ. NaN where there is none, −infinity where nothing holds the parameter.
  std::vector<double> standard_errors() const {
    const auto s = static_cast<Eigen::Index>(shared_.size());
    std::vector<double> errors(shared_.size(), std::numeric_limits<double>::quiet_NaN());
    std::size_t n = 0;
    for (const Part& part : parts_) n += part.runs.size();
    const std::size_t p = own_count_ + shared_.size();
    std::vector<double> r;
    std::vector<double> weight;
    for (const Part& part : parts_) {
      const std::vector<double> own = residuals_of(part, false);
      r.insert(r.end(), own.begin(), own.end());
      weight.insert(weight.end(), part.runs.weight.begin(), part.runs.weight.end());
    }
    const auto terms = error_terms(specification_.objective, r, weight, p);
    Matrix H = Matrix::Zero(s, s);
    Matrix K = H;
    Matrix square = H;
    std::size_t row = 0;
    for (const Part& part : parts_) {
      const std::vector<Vector> J = jacobian(part);
      Matrix full = Matrix::Zero(part.constraints.free_count, part.constraints.free_count);
      Matrix plain = full;
      for (std::size_t i = 0; i < J.size(); ++i) {
        plain += J[i] * J[i].transpose();
        if (terms) full += terms->slope[row + i] * J[i] * J[i].transpose();
      }
      square += reduce(plain, part.own, shared_).matrix;
      if (terms) {
        const Reduced reduced = reduce(full, part.own, shared_);
        H += reduced.matrix;
        for (std::size_t i = 0; i < J.size(); ++i) {
          Vector x(s);
          for (Eigen::Index a = 0; a < s; ++a) {
            x[a] = J[i][shared_[static_cast<std::size_t>(a)]];
            for (std::size_t o = 0; o < part.own.size(); ++o)
              x[a] -= reduced.response(static_cast<Eigen::Index>(o), a) * J[i][part.own[o]];
          }
          K += terms->psi[row + i] * terms->psi[row + i] * x * x.transpose();
        }
      }
      row += J.size();
    }
    Matrix inverse;
    const bool invertible = terms && s > 0 && n > p && invert_symmetric(H, inverse);
    for (Eigen::Index a = 0; a < s; ++a) {
      double& error = errors[static_cast<std::size_t>(a)];
      if (!(square(a, a) > kNoEffect * static_cast<double>(n))) {
        error = kNothing;
      } else if (invertible) {
        const Matrix middle = inverse * K;
        const Matrix V = middle * inverse;
        error = std::sqrt(static_cast<double>(n) / static_cast<double>(n - p) * V(a, a));
      }
    }
    return errors;
  }

  /// ∂ residual in the parameters of the group, per row.
  std::vector<Vector> jacobian(const Part& part) const {
    std::vector<Vector> J;
    std::array<double, 4> x{};
    std::array<double, kMaxCoefficients> f{};
    for (std::size_t i = 0; i < part.runs.size(); ++i) {
      part.runs.row(i, x.data());
      const double log_response = law_.derivatives(x.data(), part.theta.data(), f.data(), nullptr);
      const double scale = specification_.objective.log_residual() ? 1 : std::exp(log_response);
      Vector row = Vector::Zero(part.constraints.free_count);
      for (int k = 0; k < law_.size(); ++k) {
        const int free = part.constraints.slots[at(k)].free;
        if (free >= 0) row[free] += scale * f[at(k)];
      }
      J.push_back(std::move(row));
    }
    return J;
  }

  void values(GroupsFit& result, const std::vector<double>& errors) {
    const Constraints& constraints = pooled_->setup().constraints;
    std::vector<int> at_border;
    for (SharedExponent& exponent : result.shared) {
      const Slot& slot = constraints.slots[at(exponent.coefficient)];
      if (slot.free < 0) {
        if (!pooled_->setup().undetermined[at(exponent.coefficient)]) exponent.value = slot.value;
        continue;
      }
      const auto i =
          static_cast<std::size_t>(std::ranges::find(shared_, slot.free) - shared_.begin());
      if (errors[i] == kNothing) continue;
      exponent.value = best_.q[static_cast<Eigen::Index>(i)];
      const Limits& limits = constraints.limits[at(exponent.coefficient)];
      const bool border = *exponent.value <= limits.lower || *exponent.value >= limits.upper;
      if (border) at_border.push_back(exponent.coefficient);
      if (!border && std::isfinite(errors[i])) exponent.standard_error = errors[i];
    }
    if (!at_border.empty()) warn(result, "exponent_at_bound", at_border, std::nullopt);
    at_bound_ = !at_border.empty();
    std::vector<int> without_floor;
    std::vector<int> without_effect;
    for (std::size_t g = 0; g < parts_.size(); ++g) {
      const std::vector<double> natural = law_.to_natural(parts_[g].theta);
      for (int k = 0; k < law_.size(); ++k) {
        const Coefficient& coefficient = law_.coefficients[at(k)];
        const Slot& slot = parts_[g].constraints.slots[at(k)];
        const bool dropped =
            slot.free < 0 && slot.value == kNothing &&
            std::ranges::none_of(
                specification_.fixed, [&](const auto& fixed) { return fixed.first == k; });
        if (dropped) continue;
        if (coefficient.role == Coefficient::Role::exponent) {
          const auto it = std::ranges::find(result.shared, k, &SharedExponent::coefficient);
          result.groups[g].coefficients[at(k)] = it->value;
          continue;
        }
        result.groups[g].coefficients[at(k)] = natural[at(k)];
        if (slot.free < 0 || natural[at(k)] > 0) continue;
        auto& list = coefficient.role == Coefficient::Role::floor ? without_floor : without_effect;
        if (std::ranges::count(list, k) == 0) list.push_back(k);
      }
    }
    at_bound_ = at_bound_ || !without_floor.empty() || !without_effect.empty();
    if (!without_floor.empty()) warn(result, "no_floor", without_floor, std::nullopt);
    if (!without_effect.empty()) warn(result, "no_effect", without_effect, std::nullopt);
  }

  struct Separate {
    std::size_t rows;
    Vector theta;
  };

  FitSpecification specification_;
  const Law& law_;
  std::vector<std::vector<std::size_t>> rows_;
  std::vector<FitData> data_;
  std::unique_ptr<FitSession> pooled_;
  std::vector<Part> parts_;
  std::vector<int> shared_;  ///< free parameters of the fit of all runs
  std::size_t own_count_ = 0;
  std::vector<Separate> separate_;
  Best best_;
  bool at_bound_ = false;
};

}  // namespace

GroupsFit fit_groups(const FitSpecification& specification, const FitData& data,
                     const std::vector<int>& group, int groups) {
  return GroupsSession(specification, data, group, groups).run();
}

}  // namespace isoloss
