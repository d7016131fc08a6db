#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/json.h"

/// The engine as the page, the command line and other programs call it: JSON for requests and
/// reports (shapes: web/src/core/protocol.ts), columns of double beside it. A request that cannot
/// be understood is answered with the field and a sentence.
namespace isoloss::api {

using Columns = std::map<std::string, std::vector<double>>;

struct Answer {
  /// {"ok":true,"result":…} or {"ok":false,"error":{"field","message"}}
  Json json;
  Columns columns;
};

/// operation: catalog, prepare, predict, optimum, example.
Answer call(std::string_view operation, const Json& request, const Columns& columns);

/// A fit in slices, one at a time.
class FitJob {
 public:
  FitJob();
  ~FitJob();
  FitJob(const FitJob&) = delete;
  FitJob& operator=(const FitJob&) = delete;
  FitJob(FitJob&&) = delete;
  FitJob& operator=(FitJob&&) = delete;

  /// Replaces any fit that was under way; result: FitProgress.
  Answer start(const Json& request, const Columns& columns);
  /// One local solve; result: FitProgress, with fraction 1 when done.
  Answer step();
  /// The report; `cancelled` when the fit was not finished. Columns: predicted, residual.
  Answer result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace isoloss::api
