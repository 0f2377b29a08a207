#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the inventory with what pytest collects from a real PyTorch.

inventory_vs_pytest.py PROGRAM [SOURCE] [FILE...]

SOURCE is PyTorch's source tree of the version that this Python has installed, 1.13 or 2.6 (default: the one that
scripts/prepare-pytorch.sh made); FILEs are relative to its directory test/, "all" means every test file. Nothing is written
into SOURCE. Each collected case has to map to a unit of the inventory, and to the right one: the file that runs it, and
the file and the qualified name of the code that it would run, say which test it is, wherever a decorator did not hide
them.

Prints a line for each file, then every case that does not map and why. Exit code 1 when less than 99.8 % do, or when one
maps to the wrong test.
"""

import argparse
import collections
import inspect
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from pytorch_source import pytorch_source

PROJECT = pathlib.Path(__file__).resolve().parents[2]
REQUIRED = 0.998
COLLECTION_TIME = 300  # seconds, of one file

# A broad mix: device-generic, operator-wise, generated, copied, imported, parametrized, mixins, plain pytest, distributed.
FILES = {
    "1.13": """
        test_torch.py test_ops.py test_nn.py test_jit.py test_view_ops.py test_binary_ufuncs.py
        test_unary_ufuncs.py test_reductions.py test_sparse.py test_linalg.py test_autograd.py
        test_dataloader.py test_indexing.py test_testing.py test_type_promotion.py test_shape_ops.py
        test_sort_and_select.py test_spectral_ops.py test_serialization.py test_optim.py test_modules.py
        test_module_init.py test_fx.py test_overrides.py test_vmap.py test_multiprocessing_spawn.py
        test_expanded_weights.py test_jit_legacy.py test_proxy_tensor.py test_ao_sparsity.py
        test_quantization.py test_mkldnn.py test_cuda.py test_complex.py test_foreach.py test_package.py
        nn/test_pooling.py nn/test_dropout.py jit/test_dtype_analysis.py jit/test_list_dict.py
        jit/test_backend_nnapi.py quantization/core/test_quantized_op.py quantization/fx/test_quantize_fx.py
        distributions/test_distributions.py profiler/test_profiler.py lazy/test_extract_compiled_graph.py
        distributed/test_c10d_gloo.py distributed/test_c10d_common.py distributed/test_store.py
        distributed/rpc/test_tensorpipe_agent.py distributed/pipeline/sync/test_stream.py
        distributed/pipeline/sync/skip/test_portal.py distributed/optim/test_zero_redundancy_optimizer.py
    """,
    "2.6": """
        test_torch.py test_ops.py test_nn.py test_jit.py test_view_ops.py test_binary_ufuncs.py
        test_unary_ufuncs.py test_reductions.py test_sparse.py test_linalg.py test_autograd.py
        test_dataloader.py test_indexing.py test_type_promotion.py test_serialization.py test_modules.py
        test_fx.py test_overrides.py test_quantization.py test_mkldnn.py test_foreach.py test_package.py
        test_transformers.py test_fake_tensor.py test_proxy_tensor.py test_custom_ops.py test_nestedtensor.py
        test_meta.py test_decomp.py test_jit_fuser_te.py test_maskedtensor.py test_optim.py test_testing.py
        test_cpp_extensions_jit.py test_typing.py test_vulkan.py test_mps.py ao/sparsity/test_sparsifier.py
        autograd/test_functional.py backends/xeon/test_launch.py benchmark_utils/test_benchmark_utils.py
        distributed/_shard/sharded_tensor/test_sharded_tensor.py distributed/_tensor/test_dtensor_ops.py
        distributed/checkpoint/test_state_dict.py distributed/fsdp/test_fsdp_core.py
        distributed/launcher/test_run.py distributed/pipelining/test_schedule.py
        distributed/rpc/test_tensorpipe_agent.py distributed/tensor/parallel/test_tp_style.py
        distributed/test_c10d_common.py distributed/test_c10d_gloo.py distributed/test_c10d_pypg.py
        distributed/test_distributed_spawn.py distributed/test_functional_api.py
        distributions/test_distributions.py dynamo/test_dynamic_shapes.py dynamo/test_functions.py
        dynamo/test_higher_order_ops.py dynamo/test_inline_inbuilt_nn_modules.py dynamo/test_logging.py
        dynamo/test_misc.py dynamo/test_modules.py export/test_cpp_serdes.py export/test_db.py
        export/test_export.py export/test_export_legacy.py export/test_export_nonstrict.py
        export/test_export_training_ir_to_run_decomp.py export/test_retraceability.py export/test_serdes.py
        export/test_unflatten_training_ir.py functorch/test_aotdispatch.py functorch/test_control_flow.py
        functorch/test_ops.py functorch/test_vmap.py fx/test_subgraph_rewriter.py
        higher_order_ops/test_with_effects.py inductor/test_aot_inductor.py
        inductor/test_aot_inductor_arrayref.py inductor/test_aot_inductor_custom_ops.py
        inductor/test_aot_inductor_package.py inductor/test_benchmark_fusion.py inductor/test_binary_folding.py
        inductor/test_compiled_optimizers.py inductor/test_cpu_cpp_wrapper.py inductor/test_cpu_repro.py
        inductor/test_cpu_select_algorithm.py inductor/test_efficient_conv_bn_eval.py
        inductor/test_flex_attention.py inductor/test_fused_attention.py inductor/test_inductor_freezing.py
        inductor/test_mkldnn_pattern_matcher.py inductor/test_ordered_set.py inductor/test_torchinductor.py
        inductor/test_torchinductor_codegen_dynamic_shapes.py inductor/test_torchinductor_dynamic_shapes.py
        inductor/test_torchinductor_opinfo.py inductor/test_torchinductor_strided_blocks.py
        jit/test_dtype_analysis.py jit/test_list_dict.py lazy/test_extract_compiled_graph.py
        mobile/test_bytecode.py nn/test_convolution.py nn/test_dropout.py nn/test_pooling.py
        onnx/test_fx_passes.py optim/test_lrscheduler.py package/test_package_script.py
        profiler/test_profiler.py quantization/core/test_quantized_op.py quantization/fx/test_quantize_fx.py
        quantization/pt2e/test_quantize_pt2e.py torch_np/numpy_tests/core/test_multiarray.py
        torch_np/numpy_tests/lib/test_function_base.py torch_np/test_ndarray_methods.py xpu/test_conv.py
    """,
}


# What upstream's run_test.py and pipelines/profiles.yaml set for single files.
OF_FILES = dict.fromkeys(
    ("distributed/test_distributed_spawn.py", "distributed/algorithms/quantization/test_quantization.py"),
    {"BACKEND": "gloo", "WORLD_SIZE": "2", "TEMP_DIR": tempfile.gettempdir()})


class Recorder:
    """A plugin for pytest that writes down each collected case and the code behind it."""

    def __init__(self, test_directory, output):
        self.test_directory, self.output = test_directory, output

    def pytest_collection_finish(self, session):
        for item in session.items:
            print(json.dumps({"node": item.nodeid, **self.origin(item)}), file=self.output)

    def origin(self, item):
        try:
            code = inspect.unwrap(item.function).__code__
            path = os.path.relpath(code.co_filename, os.path.dirname(self.test_directory))
            name = getattr(code, "co_qualname", "<locals>")
        except (AttributeError, ValueError):
            return {}
        if "<locals>" in name or not path.startswith("test/"):
            return {}
        return {"origin": "::".join([path, *name.split(".")]), "line": code.co_firstlineno}


def collect(test_directory, path, output):
    """What pytest collects from one file, in a fork of this process, which has imported torch already."""
    with tempfile.TemporaryFile("w+") as log:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            signal.alarm(COLLECTION_TIME)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            sys.argv = ["pytest", path]
            sys.path.insert(0, os.path.dirname(os.path.join(test_directory, path)))  # as `python FILE` has it
            os.environ.update(OF_FILES.get(path, {}))
            import pytest
            with open(output, "w") as records:
                code = pytest.main(["--collect-only", "-q", "-q", "-p", "no:cacheprovider", path],
                                   plugins=[Recorder(test_directory, records)])
            sys.stdout.flush()
            os._exit(int(code))
        _, status = os.waitpid(child, 0)
        try:
            os.killpg(child, signal.SIGKILL)  # what the file started at import
        except ProcessLookupError:
            pass
        log.seek(0)
        lines = [line.strip() for line in log if line.startswith(("E  ", "ERROR"))]
    with open(output) as records:
        cases = [json.loads(line) for line in records]
    code = os.waitstatus_to_exitcode(status)
    if code in (0, 5):
        return cases, ""
    return cases, lines[0] if lines else f"pytest ended with {code}"


def prepare(source, directory):
    """A copy of test/ to collect from, so that neither caches nor files that tests write reach the source."""
    shutil.copytree(source / "test", directory / "test", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "pytest.ini", directory)
    os.chdir(directory / "test")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(directory / "test"))
    sys.path.append(str(PROJECT / "scripts/stubs"))  # behind what is installed
    import torch.testing._internal.common_methods_invocations
    import torch.testing._internal.common_nn  # noqa: F401


def judge(case, unit, how, tests, codes, generators):
    """Why a case does not map as it should, or an empty text. `tests`: the code of each, by its id."""
    if unit.startswith("torch."):
        return ""  # a helper of PyTorch's that pytest takes for a test
    if how == "generated" and unit not in generators:
        return f"belongs to {unit}, which is not known to make tests"
    if unit not in tests:
        return "" if unit in generators else f"belongs to {unit}, which the inventory does not list"
    if how != "imported" and unit.split("::")[0] != case["node"].split("::")[0]:
        return f"is mapped to {unit}, but it runs in another file"
    # Code that is no test by itself, a helper that a class gives a test's name to, says nothing.
    origin = case.get("origin")
    if origin != tests[unit] and origin in codes:
        return f"is mapped to {unit}, but it runs {origin}"
    return ""


def code_of(test, path):
    """The file a test is written in, and its qualified name there."""
    return "::".join([test.get("written_in", path), *test["id"].split("::")[1:]])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("source", nargs="?", type=pathlib.Path)
    arguments.add_argument("files", nargs="*")
    arguments = arguments.parse_args()
    source = (arguments.source or pytorch_source()).resolve()
    program = os.path.abspath(arguments.program)
    listed = json.loads(subprocess.run([program, "--json", "list", "--source", source], capture_output=True, text=True,
                                       check=True).stdout)
    tests = {test["id"]: code_of(test, file["path"]) for file in listed["files"] for test in file["tests"]}
    codes = set(tests.values())
    generators = {unit for file in listed["files"] for unit in file.get("generators", [])}
    version = ".".join((source / "version.txt").read_text(encoding="utf-8").split(".")[:2])
    files = arguments.files or FILES.get(version, "").split()
    if not files:
        sys.exit(f"no files are listed for PyTorch {version}: name some, or all")
    if files == ["all"]:
        files = [file["path"].removeprefix("test/") for file in listed["files"]]

    collected, unreadable = {}, {}
    with tempfile.TemporaryDirectory(prefix="spyre-ci-inventory-") as directory:
        directory = pathlib.Path(directory).resolve()
        prepare(source, directory)
        for path in files:
            collected[path], error = collect(str(directory / "test"), path, str(directory / "cases"))
            if error:
                unreadable[path] = error
        os.chdir("/")

    nodes = [case["node"] for cases in collected.values() for case in cases]
    matched = subprocess.run([program, "list", "--source", source, "--match"], input="".join(f"{n}\n" for n in nodes),
                             capture_output=True, text=True, check=True).stdout.splitlines()
    owners = dict(zip(nodes, (line.rsplit("\t", 2)[1:] for line in matched), strict=True))

    totals, wrong, verified = collections.Counter(), [], 0
    for path, cases in collected.items():
        counts, problems = collections.Counter(), []
        for case in cases:
            unit, how = owners[case["node"]]
            counts[how] += 1
            verified += unit in tests and case.get("origin") == tests[unit]
            if why := judge(case, unit, how, tests, codes, generators):
                problems.append(f"{case['node']} {why}")
        totals += counts
        wrong += problems
        kinds = ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
        print(f"{path}: {len(cases)} cases ({kinds or 'none'}), {len(problems)} not mapped"
              + (f"; {unreadable[path]}" if path in unreadable else ""))
    for problem in wrong[:200]:
        print(f"not mapped: {problem}")
    everything = sum(totals.values())
    named = everything - totals["generated"]
    share = 1 - len(wrong) / everything if everything else 0
    readable = len(collected) - len(unreadable)
    print(f"{everything} cases of {readable} files: {named} are named by a line of source, {verified} of them verified by "
          f"their code, {totals['generated']} are generated and belong to a listed class or file, {len(wrong)} are not "
          f"mapped: {share:.3%}")
    misled = [problem for problem in wrong if "but it runs" in problem]
    return 0 if share >= REQUIRED and not misled and readable else 1


if __name__ == "__main__":
    sys.exit(main())
