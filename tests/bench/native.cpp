// The items of items.mjs as Google Benchmark runs them: the same requests to the same operations as
// through WebAssembly, without the border to JavaScript.
//
//   isoloss_bench work.json folder [flags of Google Benchmark]
//
// work.json is the list of items with the columns of their tables; folder holds the tables.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "api/estimation.h"
#include "bench/kernel.h"

namespace {

using isoloss::api::Answer;
using isoloss::api::Columns;
using isoloss::api::FitJob;
using isoloss::api::Json;

constexpr int kKernelRows = 240;
constexpr int kKernelEvaluations = 100;

bool ok(const Answer& answer) { return answer.json.at("ok").get<bool>(); }

std::vector<double> read_column(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<double> values(static_cast<std::size_t>(file.tellg()) / sizeof(double));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(double)));
  return values;
}

/// The report of a fit, or null.
Json fit(const Json& request, const Columns& columns) {
  FitJob job;
  if (!ok(job.start(request, columns))) return nullptr;
  while (true) {
    const Answer progress = job.step();
    if (!ok(progress)) return nullptr;
    if (progress.json.at("result").at("fraction").get<double>() >= 1) break;
  }
  const Answer result = job.result();
  return ok(result) ? result.json.at("result") : Json(nullptr);
}

struct Work {
  Json item;
  std::string folder;

  Columns columns() const {
    Columns columns;
    for (const Json& name : item.at("columns"))
      columns[name.get<std::string>()] =
          read_column(folder + "/" + item.at("table").get<std::string>() + "." +
                      name.get<std::string>() + ".f64");
    return columns;
  }
};

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

void run(benchmark::State& state, const Work& work) {
  const Columns columns = work.columns();
  const Json& request = work.item.at("fit");
  std::vector<std::pair<std::string, Json>> calls;
  if (work.item.contains("calls")) {
    const Json report = fit(request, columns);
    if (report.is_null()) return state.SkipWithError("no fit");
    Json coefficients = Json::object();
    for (const Json& c : report.at("coefficients"))
      coefficients[c.at("id").get<std::string>()] = c.at("value");
    for (const Json& call : work.item.at("calls")) {
      Json merged = request;
      merged["coefficients"] = coefficients;
      merged.update(call);
      merged.erase("operation");
      calls.emplace_back(call.at("operation").get<std::string>(), merged);
    }
  }
  for (auto _ : state) {
    if (calls.empty()) benchmark::DoNotOptimize(fit(request, columns));
    for (const auto& [operation, call] : calls) {
      const Answer answer = isoloss::api::call_estimation(operation, call, columns);
      if (!ok(answer)) {
        state.SkipWithError(answer.json.at("error").at("message").get<std::string>().c_str());
        return;
      }
    }
  }
  state.counters["peak_bytes"] = peak_bytes();
}

void kernel(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(bench_kernel(kKernelRows, kKernelEvaluations));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 3) {
    std::cerr << "usage: isoloss_bench work.json folder\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  benchmark::RegisterBenchmark("kernel", kernel);
  for (const Json& item : Json::parse(file)) {
    const Work work{.item = item, .folder = argv[2]};
    auto* registered =
        benchmark::RegisterBenchmark(item.at("id").get<std::string>().c_str(),
                                     [work](benchmark::State& state) { run(state, work); });
    registered->Unit(benchmark::kMillisecond);
    if (item.contains("curve")) registered->Iterations(1);
  }
  benchmark::RunSpecifiedBenchmarks();
}
