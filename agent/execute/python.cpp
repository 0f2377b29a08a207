// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/python.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/execute/capture.hpp"

namespace spyre::execute {

namespace {

constexpr std::string_view python_hint = "set python.executable to an interpreter that has torch and pytest";

// Prints a line for each module that is found, and one for the commit that it was built from. A backend is not
// imported: the files of its installation give the same information (PEP 610 for the commit). Exits with 4 if pytest is
// missing, with 5 if a module to preload cannot be imported, with 7 if that is because another module is missing.
constexpr std::string_view probe = R"(
import importlib, json, platform, sys
def commit_of(distribution):
    try:
        return json.loads(distribution.read_text("direct_url.json"))["vcs_info"]["commit_id"]
    except Exception:
        return "?"
def print_backends():
    from importlib import metadata
    for distribution in metadata.distributions():
        if any(point.group == "torch.backends" for point in distribution.entry_points):
            name = distribution.metadata["Name"].replace("-", "_").lower()
            print("package", name, flush=True)
            print(name, distribution.version, flush=True)
            print(name + ".git_version", commit_of(distribution), flush=True)
print("python", platform.python_version(), flush=True)
if sys.version_info < (3, 8):
    sys.exit(6)
try:
    import pytest
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(4)
print("pytest", pytest.__version__, flush=True)
for name in sys.argv[1:]:
    package = name.partition(".")[0]
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print("needed_by", name, flush=True)
        print("missing", error.name, flush=True)
        sys.exit(7)
    except BaseException as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(5)
    module = sys.modules[package]
    print("package", package, flush=True)
    print(package, getattr(module, "__version__", "?"), flush=True)
    print(package + ".git_version", getattr(getattr(module, "version", None), "git_version", "?"), flush=True)
print_backends()
)";

constexpr int no_pytest = 4;
constexpr int no_module = 5;
constexpr int too_old = 6;
constexpr int missing_module = 7;

// Raises a signal again after everything that was begun before it has been ended.
struct DeferredSignal {
  DeferredSignal() = default;
  DeferredSignal(const DeferredSignal&) = delete;
  DeferredSignal& operator=(const DeferredSignal&) = delete;
  ~DeferredSignal() {
    if (signal != 0) (void)::raise(signal);
  }
  int signal = 0;
};

std::string first_lines(std::string_view text) {
  constexpr std::size_t most = 3;
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (lines.size() < most && !trim(line).empty()) lines.emplace_back(trim(line));
  }
  return valid_utf8(join(lines, "; "));
}

std::string version_of(std::string_view output, std::string_view name) {
  constexpr std::size_t longest = 100;
  for (const std::string_view line : split(output, '\n')) {
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ') {
      return valid_utf8(shorten(trim(line.substr(name.size() + 1)), longest));
    }
  }
  return {};
}

// Torch reports "Unknown", or nothing, if it was not built from a git repository.
std::string commit_of(std::string_view output, std::string_view name) {
  const std::string commit = version_of(output, fmt::format("{}.git_version", name));
  return is_commit_id(commit) ? lower(commit) : std::string();
}

std::vector<PackageVersion> packages_of(std::string_view output) {
  std::map<std::string, PackageVersion> packages;
  for (const std::string_view line : split(output, '\n')) {
    constexpr std::string_view mark = "package ";
    if (!line.starts_with(mark)) continue;
    const std::string name = valid_utf8(trim(line.substr(mark.size())));
    if (name != "torch")
      packages.emplace(name, PackageVersion{name, version_of(output, name), commit_of(output, name)});
  }
  std::vector<PackageVersion> sorted;
  sorted.reserve(packages.size());
  for (auto& [name, package] : packages) sorted.push_back(std::move(package));
  return sorted;
}

// Return the error for a module to preload, or one that it imports, that is not installed.
tl::unexpected<Error> missing(const std::string& executable, std::string_view output) {
  const std::string module = version_of(output, "missing"), needed_by = version_of(output, "needed_by");
  const bool is_named = (needed_by + ".").starts_with(module + ".");
  const std::string why = is_named ? "which python.preload names" : "which " + needed_by + " imports";
  return fail(ErrorKind::infra, fmt::format("{} has no module {}, {}", executable, module, why),
              fmt::format("install {} for that interpreter, or add the directory that has it to python.path",
                          module.substr(0, module.find('.'))));
}

}  // namespace

Result<std::string> find_python(const Config::Python& python, const Environment& agent) {
  const auto path = agent.find("PATH");
  auto found = process::find_program(python.executable, path == agent.end() ? "/usr/bin:/bin" : path->second);
  if (!found) return fail(ErrorKind::config, "python.executable: " + found.error().message, std::string(python_hint));
  return found;
}

Result<PythonVersions> check_python(const Config::Execute& execute, const Config::Python& python,
                                    const Environment& agent, Seconds time_limit) {
  PythonVersions versions;
  DeferredSignal interruption;
  TRY(Signals signals, Signals::take());
  TRY(versions.executable, find_python(python, agent));
  TRY(const TemporaryDirectory directory, TemporaryDirectory::create("spyre-ci-python-"));
  process::ProcessOptions options;
  options.argv = {versions.executable, "-c", std::string(probe)};
  options.argv.insert(options.argv.end(), python.preload.begin(), python.preload.end());
  options.environment = worker_environment(execute, python, agent, {}, {directory.path(), directory.path()}).variables;
  // No card is leased yet: PyTorch must not load the backend, which would open one.
  options.environment["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0";
  // Not the agent's current directory: a `torch` in it, as in PyTorch's source, would be imported.
  options.cwd = directory.path();

  auto started = run_captured(options, time_limit, &signals);
  if (!started) {
    return fail(ErrorKind::config, fmt::format("python.executable: {}", started.error().message),
                std::string(python_hint));
  }
  const Captured& probed = *started;
  interruption.signal = probed.interrupted_by;
  if (interruption.signal != 0) return fail(ErrorKind::infra, "ended by " + signal_name(interruption.signal));
  const std::string why = first_lines(probed.errors);
  versions.python = version_of(probed.output, "python");
  versions.pytest = version_of(probed.output, "pytest");
  versions.torch = version_of(probed.output, "torch");
  versions.torch_revision = commit_of(probed.output, "torch");
  versions.packages = packages_of(probed.output);
  if (probed.timed_out) {
    return fail(
        ErrorKind::infra,
        fmt::format("{} did not finish its imports within {}", versions.executable, format_duration(time_limit)), why);
  }
  if (versions.python.empty()) {
    return fail(ErrorKind::config,
                fmt::format("{} is not a Python interpreter: {}", versions.executable,
                            why.empty() ? describe(probed.status) : why),
                std::string(python_hint));
  }
  if (probed.status.code == too_old) {
    return fail(ErrorKind::config,
                fmt::format("{} is Python {}: 3.8 or newer is needed", versions.executable, versions.python),
                std::string(python_hint));
  }
  if (probed.status.code == no_pytest) {
    return fail(ErrorKind::config, fmt::format("{} has no pytest: {}", versions.executable, why),
                "install pytest (7 or newer) for that interpreter, or " + std::string(python_hint));
  }
  if (probed.status.code == missing_module) return missing(versions.executable, probed.output);
  if (!probed.status.success()) {
    const std::string what =
        probed.status.code == no_module ? why : fmt::format("{}: {}", describe(probed.status), why);
    return fail(ErrorKind::infra,
                fmt::format("{} cannot import the modules that tests need: {}", versions.executable, what),
                "repair that installation, or " + std::string(python_hint));
  }
  return versions;
}

std::filesystem::path directory_of_package(const std::string& package, const Config::Execute& execute,
                                           const Config::Python& python, const Environment& agent) {
  constexpr std::string_view find = "import importlib.util as u, sys; print(u.find_spec(sys.argv[1]).origin)";
  constexpr Seconds longest{30};
  DeferredSignal interruption;
  auto signals = Signals::take();
  const auto executable = find_python(python, agent);
  const auto directory = TemporaryDirectory::create("spyre-ci-python-");
  if (!signals || !executable || !directory) return {};
  process::ProcessOptions options;
  options.argv = {*executable, "-c", std::string(find), package};
  options.environment =
      worker_environment(execute, python, agent, {}, {directory->path(), directory->path()}).variables;
  options.cwd = directory->path();
  const auto found = run_captured(options, longest, &*signals);
  if (found) interruption.signal = found->interrupted_by;
  if (!found || found->status.code != 0) return {};
  return std::filesystem::path(trim(found->output)).parent_path().parent_path();
}

}  // namespace spyre::execute
