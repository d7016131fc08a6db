#include "api/estimation.h"

#include <array>

namespace isoloss::api {

Answer call_estimation(std::string_view operation, const Json& request, const Columns& columns) {
  for (const auto& operations :
       {uncertainty_operations(), approach_operations(), comparison_operations()})
    for (const Operation& known : operations)
      if (known.id == operation) {
        Failure failure;
        return known.run(Reader(request, "", failure), columns);
      }
  return call(operation, request, columns);
}

}  // namespace isoloss::api
