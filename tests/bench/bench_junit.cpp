// SPDX-License-Identifier: Apache-2.0
// Reading JUnit files of 100,000 cases as pytest writes them: lean, and with the output of passing tests, which is most
// of what PyTorch's own files hold.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/junit/junit.hpp"
#include "agent/junit/tools.hpp"

namespace spyre::junit {
namespace {

constexpr int all_cases = 100'000;

// PyTorch's mix: 45 % skipped, one in a hundred fails.
std::string report(bool with_output) {
  std::string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites><testsuite name=\"pytest\">";
  std::string trace, output;
  for (int i = 0; i < 20; ++i)
    trace += "  File \"test/test_ops.py\", line 12, in test_add\n    self.assertEqual(a, b)\n";
  for (int i = 0; i < 12; ++i) output += fmt::format("step {}: tensor(&lt;0.25, 0.5&gt;, device='cpu')\n", i);
  for (int i = 0; i < all_cases; ++i) {
    text += fmt::format(R"(<testcase classname="test.test_ops{}.TestCommonCPU" name="test_numpy_{}_cpu_float32" )"
                        R"(file="test/test_ops{}.py" line="{}" time="{:.3f}">)",
                        i / 2000, i, i / 2000, i % 1000, i % 977 / 1000.0);
    if (i % 100 < 45) text += R"(<skipped type="pytest.skip" message="not on CPU">test/test_ops.py:12: no</skipped>)";
    if (i % 100 == 99) text += fmt::format(R"(<failure message="AssertionError: {} != 0">{}</failure>)", i, trace);
    if (with_output && i % 100 >= 45) text += fmt::format("<system-out>{}</system-out>", output);
    text += "</testcase>";
  }
  return text + "</testsuite></testsuites>";
}

// A report on the disk that is gone at the end.
class Report {
 public:
  explicit Report(bool with_output)
      : m_directory(TemporaryDirectory::create().value()), m_file(m_directory.path() / "r.xml") {
    if (!write_file(m_file, report(with_output))) std::abort();
  }
  const std::filesystem::path& file() const { return m_file; }
  void count(benchmark::State& state) const {
    state.SetItemsProcessed(state.iterations() * all_cases);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(m_file)));
  }

 private:
  TemporaryDirectory m_directory;
  std::filesystem::path m_file;
};

void each_case(benchmark::State& state) {
  const Report report(state.range(0) != 0);
  for (auto _ : state) {
    std::size_t cases = 0;
    const Sink sink = [&](const Case&) { ++cases; };
    if (!for_each_case(report.file(), sink) || cases != all_cases) state.SkipWithError("wrong");
  }
  report.count(state);
}
BENCHMARK(each_case)->ArgName("output")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void all_in_memory(benchmark::State& state) {
  const Report report(state.range(0) != 0);
  for (auto _ : state) benchmark::DoNotOptimize(read_report(report.file()));
  report.count(state);
}
BENCHMARK(all_in_memory)->ArgName("output")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void summarize_one(benchmark::State& state) {
  const Report report(state.range(0) != 0);
  for (auto _ : state) benchmark::DoNotOptimize(summarize({report.file()}));
  report.count(state);
}
BENCHMARK(summarize_one)->ArgName("output")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// The file that tests/bench/junit.sh compares with Python on.
void given_file(benchmark::State& state) {
  const char* file = std::getenv("SPYRE_BENCH_JUNIT");
  if (file == nullptr) {
    state.SkipWithError("SPYRE_BENCH_JUNIT names no file");
    return;
  }
  std::size_t cases = 0;
  for (auto _ : state) {
    const auto report = read_report(file);
    if (!report) state.SkipWithError(report.error().message.c_str());
    cases = report ? report->cases.size() : 0;
  }
  state.counters["cases"] = static_cast<double>(cases);
}
BENCHMARK(given_file)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spyre::junit
