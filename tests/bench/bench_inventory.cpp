// SPDX-License-Identifier: Apache-2.0
// Reading the tests of a real PyTorch: the tokenizer and the reader on one thread, and the whole inventory of a commit.
// $SPYRE_CI_TEST_PYTORCH is the repository, $SPYRE_CI_TEST_REVISION the revision (HEAD).
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agent/git/mirror.hpp"
#include "testsel/inventory.hpp"
#include "testsel/python/characters.hpp"
#include "testsel/python/reader.hpp"
#include "testsel/python/tokenizer.hpp"

namespace spyre::testsel {
namespace {

std::string variable(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : std::move(otherwise);
}

Result<std::unique_ptr<FileTree>> open_tree() {
  git::MirrorOptions options;
  options.repo = variable("SPYRE_CI_TEST_PYTORCH", variable("HOME", "") + "/.cache/spyre-ci/pytorch");
  options.directory = std::filesystem::temp_directory_path() / "spyre-ci-bench-mirror";
  TRY(git::Mirror mirror, git::Mirror::open(std::move(options)));
  TRY(const std::string commit, mirror.resolve(variable("SPYRE_CI_TEST_REVISION", "HEAD"), {}));
  return mirror.tree(commit);
}

// The bytes of every test file.
Result<std::vector<std::string>> sources() {
  TRY(const auto tree, open_tree());
  TRY(const std::vector<std::string> paths, tree->list("test"));
  std::vector<std::string> texts;
  for (const std::string& path : paths) {
    if (!is_test_file(path)) continue;
    TRY(std::string text, tree->read(path));
    texts.push_back(std::move(text));
  }
  return texts;
}

template <typename Each>
void each_source(benchmark::State& state, const Each& each) {
  const auto texts = sources();
  if (!texts) return state.SkipWithError(texts.error().message.c_str());
  std::size_t bytes = 0;
  for (const std::string& text : *texts) bytes += text.size();
  for (auto _ : state) {
    for (const std::string& text : *texts) each(text);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts->size()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void tokenize(benchmark::State& state) {
  each_source(state, [](const std::string& text) {
    const auto decoded = python::decode_source(text);
    python::Tokenizer tokenizer(*decoded);
    while (tokenizer.next().kind < python::TokenKind::end) {
    }
  });
}
BENCHMARK(tokenize)->Unit(benchmark::kMillisecond);

void read_modules(benchmark::State& state) {
  each_source(state, [](const std::string& text) { benchmark::DoNotOptimize(python::read_module(text)); });
}
BENCHMARK(read_modules)->Unit(benchmark::kMillisecond);

void inventory_of_commit(benchmark::State& state) {
  for (auto _ : state) {
    const auto tree = open_tree();
    if (!tree) return state.SkipWithError(tree.error().message.c_str());
    const auto inventory = read_inventory(**tree);
    if (!inventory) return state.SkipWithError(inventory.error().message.c_str());
    state.counters["files"] = static_cast<double>(inventory->files.size());
    state.counters["tests"] = static_cast<double>(inventory->test_count());
  }
}
BENCHMARK(inventory_of_commit)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace spyre::testsel
