# SPDX-License-Identifier: Apache-2.0
"""Test classes that the worker makes for a device that is not in PyTorch's tree, on the PyTorch and the OpenReg that
scripts/prepare-openreg.sh makes."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

import driver

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, ".."))
import pytorch_source  # noqa: E402

HEAD = """
    import unittest
    import torch
    from torch.testing._internal.common_device_type import instantiate_device_type_tests
    from torch.testing._internal.common_utils import TestCase, instantiate_parametrized_tests, parametrize
"""
DEVICE = {"plain": "device"}


class OpenRegTest(unittest.TestCase):
    """Opens files in one worker that has OpenReg as PyTorch's device."""

    PRELOAD = "torch,openreg_device,torch.testing._internal.common_device_type"  # that most files import takes time
    files = 0

    @classmethod
    def setUpClass(cls):
        cls.directory = os.path.realpath(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.shared_worker = cls.start()

    @classmethod
    def start(cls, preload=None, **environment):
        path = [pytorch_source.openreg(), os.path.join(HERE, "../../openreg"), cls.directory]
        worker = driver.Worker(os.path.join(cls.directory, "log"), preload or cls.PRELOAD, {
            "PYTHONPATH": os.pathsep.join(map(str, path)), "PYTORCH_TESTING_DEVICE_ONLY_FOR": "privateuse1",
            "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", **environment})
        cls.addClassCleanup(worker.dispose)
        worker.until("hello")
        return worker

    def setUp(self):
        self.opened = None  # the worker that has a file open

    def collect(self, root, file, inject, worker=None, **fields):
        """Open the file in place of the one before. Return `collected`."""
        self.close()
        self.opened = worker or self.shared_worker
        return self.opened.open(root, file, **({} if inject is None else {"inject": inject}), **fields)

    def close(self):
        if self.opened:
            self.opened.send("close")
            self.opened.until("host_ended")
            self.opened = None

    tearDown = close

    def open(self, text, inject=DEVICE, worker=None, errors=()):
        """Open a file with this text. Return its cases; `injected` is {class: kind}."""
        type(self).files += 1
        file = f"test_{self.files}.py"
        with open(os.path.join(self.directory, file), "w", encoding="utf-8") as target:
            target.write(textwrap.dedent(HEAD) + textwrap.dedent(text))
        collected = self.collect(self.directory, file, inject, worker)
        self.assertEqual([(one["id"].partition("::")[2], one["outcome"]) for one in collected["errors"]],
                         [(name, "error") for name in errors], collected["errors"])
        self.errors = collected["errors"]
        self.injected = {one["class"]: one["kind"] for one in collected.get("injected", ())}
        return [case.partition("::")[2] for case in collected["cases"]]

    def check_all_pass(self, cases):
        finished = driver.finished(self.opened.run(range(len(cases))))
        self.assertEqual({cases[number]: event["message"] or event["outcome"] for number, event in finished.items()},
                         dict.fromkeys(cases, "passed"))


class Plain(OpenRegTest):
    """Classes whose tests take no device."""

    FILE = """
        class TestOne(TestCase):
            def test_a(self): pass
            @parametrize("x", (1, 2))
            def test_b(self, x): pass
        instantiate_parametrized_tests(TestOne)
        class TestTwo(unittest.TestCase):
            def test_a(self): pass
        def test_function(): pass
    """
    HOST = ["TestOne::test_a", "TestOne::test_b_x_1", "TestOne::test_b_x_2", "TestTwo::test_a", "test_function"]

    def test_run_once_under_one_name(self):
        self.assertEqual(self.open(self.FILE, None), self.HOST)
        self.assertEqual(self.open(self.FILE, {"plain": "host"}), self.HOST)
        self.assertEqual(self.injected, {})
        self.assertEqual(self.open(self.FILE, DEVICE), [
            "test_function", "TestOnePRIVATEUSE1::test_a_openreg", "TestOnePRIVATEUSE1::test_b_x_1_openreg",
            "TestOnePRIVATEUSE1::test_b_x_2_openreg", "TestTwoPRIVATEUSE1::test_a_openreg"])
        self.assertEqual(self.injected, {"TestOne": "plain", "TestTwo": "plain"})

    def test_have_the_device_when_a_configuration_names_them(self):
        self.assertEqual(self.open(self.FILE, {}), self.HOST)
        self.assertEqual(self.open(self.FILE, {"configured": ["TestTwo", "TestThree"]}),
                         self.HOST[:3] + ["test_function", "TestTwoPRIVATEUSE1::test_a_openreg"])
        self.assertEqual(self.open(self.FILE, {"configured": ["TestOne::test_b", "TestTwo::test_b"]}), [
            "TestOne::test_a", "TestTwo::test_a", "test_function", "TestOnePRIVATEUSE1::test_b_x_1_openreg",
            "TestOnePRIVATEUSE1::test_b_x_2_openreg"])

    def test_are_what_they_were(self):
        cases = self.open("""
            import pickle
            class TestOne(TestCase):
                @classmethod
                def setUpClass(cls):
                    super().setUpClass()
                    cls.made = cls.__name__
                def setUp(self):
                    super(TestOne, self).setUp()
                    self.ready = True
                @staticmethod
                def static(x): return x
                @classmethod
                def of_class(cls): return cls
                @property
                def prop(self): return self.ready
                def test_members(self):
                    self.assertEqual(self.static(1), 1)
                    self.assertIs(self.of_class(), type(self))
                    self.assertTrue(self.prop)
                    self.assertEqual(self.made, "TestOnePRIVATEUSE1")
                def test_pickle(self):
                    self.assertIs(pickle.loads(pickle.dumps(type(self))), type(self))
                    self.assertIs(pickle.loads(pickle.dumps(TestOne)), TestOne)
                def test_calls_another(self): self.test_members()
                def test_id(self): self.assertEqual(self.id(), f"{__name__}.TestOne.test_id")
                test_static = staticmethod(lambda: None)
            class TestTwo(TestOne):
                def setUp(self):
                    super().setUp()
                    self.more = 1
                def test_members(self):
                    self.assertTrue(self.ready and self.more)
                test_calls_another = test_id = test_pickle = None
        """)
        self.assertEqual(cases, [f"TestOnePRIVATEUSE1::test_{name}_openreg"
                                 for name in ("calls_another", "id", "members", "pickle", "static")] +
                         ["TestTwoPRIVATEUSE1::test_members_openreg", "TestTwoPRIVATEUSE1::test_static_openreg"])
        self.check_all_pass(cases)

    def test_of_local_bases(self):
        text = """
            import collections
            def decorated(cls): return type(cls.__name__, (cls,), {"test_more": lambda self: None})
            class TestBase(TestCase):
                def test_a(self): pass
            @decorated
            class TestDerived(TestBase):
                def test_b(self): pass
            TestAlias = TestBase
            class TestAbstract(TestCase):
                __test__ = False
                def test_c(self): pass
        """
        base, derived = ["TestBase::test_a"], [f"TestDerived::test_{name}" for name in ("a", "b", "more")]
        alias = ["TestAlias::test_a"]
        self.assertEqual(self.open(text, None), base + derived + alias)
        base, derived = ([name.replace("::", "PRIVATEUSE1::") + "_openreg" for name in names]
                         for names in (base, derived))
        self.assertEqual(self.open(text), base + derived)
        # Each class keeps what another one that it is derived from has lost.
        self.assertEqual(self.open(text, {"configured": ["TestBase"]}),
                         [f"TestDerived::test_{name}" for name in ("a", "b", "more")] + base)

    def test_that_are_expanded_are_not_expanded_again(self):
        cases = self.open("""
            @instantiate_parametrized_tests
            class TestOne(TestCase):
                @parametrize("device", ("cpu", "meta"))
                @parametrize("x", (1, 2))
                def test_a(self, device, x): self.assertIn(device, ("cpu", "meta"))
        """)
        self.assertEqual(cases, [f"TestOnePRIVATEUSE1::test_a_device_{device}_x_{x}_openreg"
                                 for device in ("cpu", "meta") for x in (1, 2)])
        self.check_all_pass(cases)


class ForTheDevice(OpenRegTest):
    """Classes whose tests take a device."""

    def test_restrictions_are_lifted(self):
        lines, expected = [], []
        for number, (arguments, device) in enumerate((
                ("only_for=('cuda',)", True), ("only_for=['cpu', 'cuda']", True), ("only_for='cuda'", True),
                ("only_for='privateuse1'", True), ("except_for='openreg'", True), ("except_for='privateuse1'", True),
                ("except_for=['openreg', 'meta']", True), ("None, ('cuda',)", True), ("only_for=['openreg']", True),
                ("", True), ("except_for='meta'", True), ("only_for='cpu'", False), ("only_for=['cpu']", False))):
            lines += [f"class Test{number:02}(TestCase):", "    def test_a(self, device): pass",
                      f"instantiate_device_type_tests(Test{number:02}, globals(), {arguments})"]
            expected += [f"Test{number:02}PRIVATEUSE1::test_a_openreg"] * device
        text = "\n".join(lines)
        self.assertEqual(self.open(text, None), [expected[number] for number in (4, 5, 8, 9, 10)])
        self.assertEqual(self.open(text, {}), expected)
        self.assertEqual(self.injected, {f"Test{number:02}": "restricted" for number in range(8)})
        self.assertEqual(self.open(text, {"configured": ["Test11", "Test12::test_a"]}),
                         expected + ["Test11PRIVATEUSE1::test_a_openreg", "Test12PRIVATEUSE1::test_a_openreg"])

    def test_members_are_what_they_were(self):
        one = """
            class TestOne(TestCase):
                value = 1
                @classmethod
                def setUpClass(cls):
                    super().setUpClass()
                    cls.up = True
                @staticmethod
                def static(x): return x
                @classmethod
                def of_class(cls): return cls
                @property
                def prop(self): return self.value
                def test_members(self, device):
                    self.assertEqual(self.static(1), 1)
                    self.assertIs(self.of_class(), type(self))
                    self.assertEqual(self.prop, 1)
                    self.assertEqual(self.device_type, "openreg")
                    self.assertEqual(device, "openreg:0")
            instantiate_device_type_tests(TestOne, globals(), only_for="cuda")
        """
        names = ("TestOne", "TestTwo", "TestThree", "TestFour")  # the members of each are made in a random order
        cases = self.open("".join(one.replace("TestOne", name) for name in names))
        self.assertEqual(cases, [f"{name}PRIVATEUSE1::test_members_openreg" for name in names])
        self.check_all_pass(cases)

    def test_that_the_file_does_not_instantiate(self):
        cases = self.open("""
            class TestBase(TestCase):
                def setUp(self):
                    super().setUp()
                    self.ready = True
                def test_a(self, device): self.assertEqual((self.ready, device), (True, "openreg:0"))
                def test_plain(self): self.assertTrue(self.ready)
            class TestDerived(TestBase):
                def setUp(self):
                    super(TestDerived, self).setUp()
                    self.more = True
                @parametrize("x", (1, 2))
                def test_b(self, device, x): self.assertTrue(self.ready and self.more and x)
        """, {"plain": "host"})
        self.assertEqual(cases, [
            "TestBasePRIVATEUSE1::test_a_openreg", "TestBasePRIVATEUSE1::test_plain_openreg",
            "TestDerivedPRIVATEUSE1::test_a_openreg", "TestDerivedPRIVATEUSE1::test_b_x_1_openreg",
            "TestDerivedPRIVATEUSE1::test_b_x_2_openreg", "TestDerivedPRIVATEUSE1::test_plain_openreg"])
        self.assertEqual(self.injected, {"TestBase": "device", "TestDerived": "device"})
        self.check_all_pass(cases)

    def test_lists_of_devices(self):
        cases = self.open("""
            from torch.testing._internal.common_device_type import onlyNativeDeviceTypes
            from torch.testing._internal.common_utils import DEVICE_LIST_SUPPORT_PROFILING_TEST
            class TestOne(TestCase):
                @onlyNativeDeviceTypes
                def test_a(self, device): self.assertIn("openreg", DEVICE_LIST_SUPPORT_PROFILING_TEST)
            instantiate_device_type_tests(TestOne, globals(), only_for=DEVICE_LIST_SUPPORT_PROFILING_TEST)
        """)
        self.assertEqual(cases, ["TestOnePRIVATEUSE1::test_a_openreg"])
        self.check_all_pass(cases)


class LeftAlone(OpenRegTest):
    def test_classes_that_start_ranks(self):
        text = """
            from torch.testing._internal.common_distributed import MultiProcessTestCase
            class TestRanks(MultiProcessTestCase):
                def test_a(self): pass
            class TestRanksOnDevice(MultiProcessTestCase):
                def test_a(self, device): pass
            instantiate_device_type_tests(TestRanksOnDevice, globals(), only_for="cuda")
        """
        self.assertEqual(self.open(text), ["TestRanks::test_a"])
        self.assertEqual(self.injected, {})

    def test_classes_of_other_files(self):
        with open(os.path.join(self.directory, "other.py"), "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(HEAD + """
    class TestPlain(TestCase):
        def test_a(self): pass
    class TestRestricted(TestCase):
        def test_a(self, device): pass
    instantiate_device_type_tests(TestRestricted, globals(), only_for="cuda")
            """))
        self.assertEqual(self.open("from other import *"), ["TestPlain::test_a"])

    def test_what_tests_instantiate(self):
        cases = self.open("""
            class TestOne(TestCase):
                def test_a(self):
                    class TestInner(TestCase):
                        def test_b(self, device): pass
                    instantiate_device_type_tests(TestInner, locals(), only_for="cuda")
                    scope = {"TestInner": TestInner}
                    instantiate_device_type_tests(TestInner, scope, only_for="cuda")
                    self.assertEqual(scope, {})
        """)
        self.check_all_pass(cases)


class Errors(OpenRegTest):
    def test_a_class_that_fails_is_an_error_of_this_class(self):
        cases = self.open("""
            class TestClash(TestCase):
                def test_a(self): pass
            TestClashPRIVATEUSE1 = None
            class TestFinal(TestCase):
                def __init_subclass__(cls): raise RuntimeError("no more")
                def test_a(self): pass
            class TestRestricted(TestCase):
                def test_a(self, device): pass
                def broken(*args, **options): raise RuntimeError("not for this device")
                test_a.parametrize_fn = broken
            instantiate_device_type_tests(TestRestricted, globals(), only_for="cuda")
            class TestFine(TestCase):
                def test_a(self): pass
        """, errors=["TestRestricted", "TestClash", "TestFinal"])
        self.assertEqual(cases, ["TestClash::test_a", "TestFinal::test_a", "TestFinePRIVATEUSE1::test_a_openreg"])
        self.assertEqual(self.injected, {"TestFine": "plain"})
        self.assertEqual(self.errors[0]["message"], "device injection: RuntimeError: not for this device")
        self.assertIn("no more", self.errors[2]["details"])

    def test_no_device(self):
        self.open("""
            class TestOne(TestCase):
                def test_a(self): pass
        """, worker=self.start("torch"), errors=[""])
        self.assertIn("no device 'privateuse1'", self.errors[0]["message"])


class OwnTestBase(OpenRegTest):
    PRELOAD = "torch,openreg_device"  # the rest is imported by the file

    def test_plain_tests_go_through_it(self):
        base = os.path.join(self.directory, "base.py")
        with open(base, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent("""
                device_type_test_bases[:] = [one for one in device_type_test_bases if one is not PrivateUse1TestBase]
                class OwnTestBase(PrivateUse1TestBase):
                    @classmethod
                    def instantiate_test(cls, name, test, *, generic_cls=None):
                        if name == "test_unwanted":
                            return
                        before = set(vars(cls))
                        super().instantiate_test(name, test, generic_cls=generic_cls)
                        for made in set(vars(cls)) - before:
                            getattr(cls, made).of = (generic_cls.__name__, name)
                TEST_CLASS = OwnTestBase
            """))
        cases = self.open("""
            class TestOne(TestCase):
                @classmethod
                def setUpClass(cls):
                    super().setUpClass()
                    cls.up = True
                def check(self, name):
                    self.assertEqual(getattr(self, self._testMethodName).of, ("TestOne", name))
                    self.assertTrue(self.up)
                    self.assertEqual(self.device_type, "openreg")
                def test_a(self): self.check("test_a")
                def test_unwanted(self): self.fail()
                @parametrize("device", ("cpu", "meta"))
                def test_b(self, device): self.check(f"test_b_device_{device}")
            instantiate_parametrized_tests(TestOne)
        """, worker=self.start(TORCH_TEST_DEVICES=base))
        self.assertEqual(cases, [f"TestOnePRIVATEUSE1::test_{name}_openreg"
                                 for name in ("a", "b_device_cpu", "b_device_meta")])
        self.check_all_pass(cases)


class PyTorch(OpenRegTest):
    """PyTorch's own files, of version 2.6.0."""

    # {file: (cases with the device, others)}. As many as without injection, besides the tests of classes that are
    # restricted to other devices: 1 of test_memory_profiler, 9 of test_autograd. The others are classes of other files.
    DEVICE = {"profiler/test_memory_profiler": (33, 0), "profiler/test_profiler": (74, 0), "test_torch": (1005, 0),
              "nn/test_pooling": (101, 0), "test_nn": (2179, 0), "test_namedtensor": (88, 0),
              "test_autograd": (509, 127)}
    CONFIGURED = {"profiler/test_memory_profiler": (1, 32), "test_torch": (784, 221), "test_namedtensor": (0, 88),
                  "test_autograd": (72, 564)}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = os.path.join(cls.directory, "tree")
        os.mkdir(cls.tree)
        archive = os.path.join(cls.directory, "archive.tar")
        subprocess.run(["git", "-C", str(pytorch_source.pytorch_source()), "archive", "-o", archive, "v2.6.0", "test",
                        "pytest.ini"], check=True)
        subprocess.run(["tar", "-x", "-f", archive, "-C", cls.tree], check=True)

    def cases(self, name, inject, worker=None):
        collected = self.collect(self.tree, f"test/{name}.py", inject, worker, cwd=os.path.join(self.tree, "test"))
        self.assertEqual(collected["errors"], [])
        self.assertEqual(len(set(collected["cases"])), len(collected["cases"]))
        return collected

    def counts(self, names, inject):
        counts = {}
        for name in names:
            cases = self.cases(name, inject)["cases"]
            on_device = sum("PRIVATEUSE1::" in case for case in cases)
            counts[name] = (on_device, len(cases) - on_device)
        return counts

    def files(self):
        return {(path, name): os.stat(os.path.join(path, name)).st_mtime_ns
                for path, _, names in os.walk(self.tree) for name in names}

    def test_every_case_has_the_device(self):
        before = self.files()
        self.assertEqual(self.counts(self.DEVICE, DEVICE), self.DEVICE)
        self.assertEqual(self.files(), before)  # all of it is in memory

    def test_cases_that_a_configuration_names_have_the_device(self):
        self.assertEqual(self.counts(self.CONFIGURED, {}), self.CONFIGURED)
        self.assertEqual(self.counts(["test_namedtensor"], {"configured": ["TestNamedTensor"]}),
                         {"test_namedtensor": (88, 0)})
        self.assertEqual(self.counts(["test_namedtensor"], {"configured": ["TestNamedTensor::test_cat"]}),
                         {"test_namedtensor": (1, 87)})

    def test_processes_collect_the_same(self):
        seen = []
        for seed in "12":
            worker = self.start(PYTHONHASHSEED=seed)
            files = [self.cases(name, DEVICE, worker) for name in ("test_torch", "test_autograd")]
            seen.append([(collected["cases"], collected["injected"]) for collected in files])
        self.assertEqual(*seen)

    def test_plain_tests_have_the_outcomes_that_they_had(self):
        outcomes = []
        for inject in (None, DEVICE):
            cases = self.cases("test_namedtensor", inject)["cases"]
            finished = driver.finished(self.opened.run(range(len(cases))))
            outcomes.append({cases[number].replace("PRIVATEUSE1::", "::").removesuffix("_openreg"): event["outcome"]
                             for number, event in finished.items()})
        self.assertEqual(*outcomes)
        self.assertGreater(list(outcomes[0].values()).count("passed"), 70)


if __name__ == "__main__":
    unittest.main()
