# SPDX-License-Identifier: Apache-2.0
"""What the worker says about cases that behave: outcomes, messages, texts, fixtures, JUnit."""

import re
import unittest
import xml.etree.ElementTree as xml

from harness import WorkerTest


class Outcomes(WorkerTest):
    def test_functions(self):
        results = self.run_all("""
            import pytest
            @pytest.fixture
            def broken(): raise ValueError("no fixture today")
            @pytest.fixture
            def breaks_after():
                yield
                raise OSError("left open")
            @pytest.fixture
            def skips(): pytest.skip("not here")
            def test_passes(): pass
            def test_fails(): raise RuntimeError("first line\\nsecond line")
            def test_asserts(): assert 1 + 1 == 3
            def test_set_up_fails(broken): pass
            def test_tear_down_fails(breaks_after): pass
            def test_both_fail(breaks_after): assert not "the call"
            def test_skips(): pytest.skip("in the body")
            def test_set_up_skips(skips): pass
            @pytest.mark.skip(reason="by a mark")
            def test_marked(): pass
            @pytest.mark.xfail(reason="known")
            def test_xfails(): assert False
            @pytest.mark.xfail(reason="known")
            def test_xpasses(): pass
            @pytest.mark.xfail(reason="known", strict=True)
            def test_xpasses_strictly(): pass
            def test_xfails_in_body(): pytest.xfail("changed its mind")
            @pytest.mark.xfail(raises=KeyError, reason="known")
            def test_fails_otherwise(): raise IndexError("not a KeyError")
            @pytest.mark.xfail(reason="known")
            def test_xfails_in_set_up(broken): pass
            def test_xfails_then_breaks(breaks_after): pytest.xfail("changed its mind")
        """)
        self.assertEqual({name: (event["outcome"], event["message"]) for name, event in results.items()}, {
            "test_passes": ("passed", ""),
            "test_fails": ("failed", "RuntimeError: first line"),
            "test_asserts": ("failed", "assert (1 + 1) == 3"),
            "test_set_up_fails": ("error", "ValueError: no fixture today"),
            "test_tear_down_fails": ("error", "OSError: left open"),
            "test_both_fail": ("failed", "AssertionError: assert not 'the call'"),
            "test_skips": ("skipped", "in the body"),
            "test_set_up_skips": ("skipped", "not here"),
            "test_marked": ("skipped", "by a mark"),
            "test_xfails": ("xfailed", "known"),
            "test_xpasses": ("xpassed", "known"),
            "test_xpasses_strictly": ("failed", "[XPASS(strict)] known"),
            "test_xfails_in_body": ("xfailed", "changed its mind"),
            "test_fails_otherwise": ("failed", "IndexError: not a KeyError"),
            "test_xfails_in_set_up": ("xfailed", "known"),
            "test_xfails_then_breaks": ("error", "OSError: left open"),
        })
        self.assertIn("the call", results["test_both_fail"]["details"])
        self.assertIn("left open", results["test_both_fail"]["details"])
        self.assertIn("second line", results["test_fails"]["details"])
        self.assertRegex(results["test_skips"]["details"], r"test_it\.py:\d+: Skipped: in the body")

    def test_unittest_classes(self):
        results = self.run_all("""
            import unittest
            class Good(unittest.TestCase):
                def test_passes(self): pass
                def test_fails(self): self.assertEqual(1, 2)
                def test_raises(self): raise ValueError("x")
                @unittest.skip("why not")
                def test_skips(self): pass
                def test_skips_itself(self): self.skipTest("later")
                @unittest.expectedFailure
                def test_expected(self): self.fail()
                @unittest.expectedFailure
                def test_unexpected(self): pass
            class BadSetUp(unittest.TestCase):
                def setUp(self): raise ValueError("set-up")
                def test_one(self): pass
            class BadTearDown(unittest.TestCase):
                def tearDown(self): raise ValueError("tear-down")
                def test_one(self): pass
            class BadClass(unittest.TestCase):
                @classmethod
                def setUpClass(cls): raise ValueError("class")
                def test_one(self): pass
                def test_two(self): pass
            class BadEnd(unittest.TestCase):
                @classmethod
                def tearDownClass(cls): raise ValueError("end")
                def test_one(self): pass
                def test_two(self): pass
            class SkippedClass(unittest.TestCase):
                @classmethod
                def setUpClass(cls): raise unittest.SkipTest("all of it")
                def test_one(self): pass
        """)
        self.assertEqual({name: (event["outcome"], event["message"]) for name, event in results.items()}, {
            "Good::test_passes": ("passed", ""),
            "Good::test_fails": ("failed", "AssertionError: 1 != 2"),
            "Good::test_raises": ("failed", "ValueError: x"),
            "Good::test_skips": ("skipped", "why not"),
            "Good::test_skips_itself": ("skipped", "later"),
            "Good::test_expected": ("xfailed", results["Good::test_expected"]["message"]),
            "Good::test_unexpected": ("failed", "Unexpected success"),
            "BadSetUp::test_one": ("failed", "ValueError: set-up"),
            "BadTearDown::test_one": ("failed", "ValueError: tear-down"),
            "BadClass::test_one": ("error", "ValueError: class"),
            "BadClass::test_two": ("error", "ValueError: class"),
            "BadEnd::test_one": ("passed", ""),
            "BadEnd::test_two": ("error", "ValueError: end"),
            "SkippedClass::test_one": ("skipped", "all of it"),
        })

    def test_what_interrupts_pytest_fails_one_case_only(self):
        text = """
            import pytest, sys, unittest
            done = []
            @pytest.fixture(params=[KeyboardInterrupt, SystemExit, pytest.exit.Exception])
            def kind(request): return request.param
            @pytest.fixture
            def in_set_up(kind): raise kind("now")
            @pytest.fixture
            def in_tear_down(kind):
                yield
                raise kind("now")
            @pytest.fixture
            def outer(request):
                yield
                done.append(request.node.name)
            def test_in_call(kind, outer): raise kind("now")
            def test_in_set_up(outer, in_set_up): pass
            def test_in_tear_down(outer, in_tear_down): pass
            class TestClass(unittest.TestCase):
                def test_keyboard(self): raise KeyboardInterrupt
                def test_system(self): sys.exit(3)
                def test_exit(self): pytest.exit("now")
            def test_they_were_torn_down():
                # How much pytest gives up itself when a tear-down is interrupted depends on its version.
                assert len([name for name in done if "in_tear_down" not in name]) == 6
        """
        for capture in ("fd", "sys", "no"):
            with self.subTest(capture=capture):
                events = self.run_all(text, args=[f"--capture={capture}"])
                self.assertNotIn("KeyError", "".join(event["details"] for event in events.values()))
                results = {name: event["outcome"] for name, event in events.items()}
                self.assertEqual({outcome for name, outcome in results.items() if "in_call" in name}, {"failed"})
                self.assertEqual({outcome for name, outcome in results.items() if "in_set_up" in name}, {"error"})
                self.assertEqual({outcome for name, outcome in results.items() if "in_tear_down" in name}, {"error"})
                self.assertEqual({outcome for name, outcome in results.items() if "TestClass" in name}, {"failed"})
                self.assertEqual(results["test_they_were_torn_down"], "passed")
                self.assertEqual(len(results), 13)

    def test_a_plugin_that_repeats_a_case(self):
        self.write("""
            from _pytest.runner import runtestprotocol
            def pytest_runtest_protocol(item, nextitem):
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                for attempt in range(2):
                    for report in runtestprotocol(item, nextitem=nextitem, log=False):
                        if report.failed and attempt == 0:
                            report.outcome = "rerun"
                        item.ihook.pytest_runtest_logreport(report=report)
                return True
        """, "conftest.py")
        self.assertEqual(self.outcomes("""
            tries = []
            def test_second_time():
                tries.append(1)
                assert len(tries) == 2
            def test_never(): assert False
        """), {"test_second_time": "passed", "test_never": "failed"})


class Texts(WorkerTest):
    def test_output_has_all_phases(self):
        output = self.run_all("""
            import pytest, sys
            @pytest.fixture
            def chatty():
                print("before")
                yield
                print("after")
            def test_it(chatty):
                print("during")
                print("wrong", file=sys.stderr)
        """)["test_it"]["output"]
        self.assertEqual([line for line in output.splitlines() if line], [
            "--- Captured stdout setup ---", "before", "--- Captured stdout call ---", "during",
            "--- Captured stderr call ---", "wrong", "--- Captured stdout teardown ---", "after"])

    def test_long_texts_keep_head_and_tail(self):
        event = self.run_all("""
            def test_it():
                print("begin" + "x" * 100_000 + "end")
                raise ValueError("y" * 100_000)
        """, text_limit=1000)["test_it"]
        for text in (event["output"], event["details"]):
            self.assertLess(len(text), 1100)
            self.assertRegex(text, r"bytes left out")
        self.assertIn("begin", event["output"])
        self.assertTrue(event["output"].endswith("end\n"))
        self.assertEqual(len(event["message"]), 500)
        self.assertTrue(event["message"].startswith("ValueError: yyy"))

    def test_more_output_than_is_ever_sent_is_not_read(self):
        size = 64 << 20
        for capture in ("fd", "sys"):
            for how in (f"print('x' * {size})", f"for _ in range({size >> 10}): print('x' * 1023)"):
                with self.subTest(capture=capture, how=how):
                    results = self.run_all(f"""
                        import sys
                        def test_before(): pass
                        def test_it():
                            print("the head")
                            {how}
                            print("the tail")
                        def test_next(): print("mine")
                    """, args=[f"--capture={capture}"])
                    output = results["test_it"]["output"]
                    self.assertRegex(output, r"^--- .* ---\nthe head\nx")
                    self.assertRegex(output, r"x\nthe tail\n$")
                    left_out = int(re.search(r"\[\.\.\. (\d+) bytes left out", output).group(1))
                    self.assertAlmostEqual(left_out + len(output), size, delta=1000)
                    self.assertEqual(results["test_next"]["output"], "--- Captured stdout call ---\nmine\n")
                    if "range" in how:  # the other test has the text in memory itself
                        self.assertLess(self.ended[0]["rss"], 160 << 20)

    def test_what_a_test_captures_itself_is_whole(self):
        self.assertEqual(self.outcomes("""
            import pytest
            @pytest.mark.parametrize("capture", ["capsys", "capfd"])
            def test_it(capture, request):
                capture = request.getfixturevalue(capture)
                print("x" * 20_000_000)
                assert len(capture.readouterr().out) == 20_000_001
        """), {"test_it[capsys]": "passed", "test_it[capfd]": "passed"})

    def test_text_that_is_not_unicode(self):
        event = self.run_all(r"""
            import sys
            def test_it():
                print("nul \0 escape \x1b[31m gr\u00fcn")
                sys.stdout.buffer.write(b"\xff\xfe")
                raise ValueError("lone \udc80 surrogate")
        """)["test_it"]
        self.assertEqual(event["outcome"], "failed")
        self.assertEqual(event["message"], "ValueError: lone ? surrogate")
        self.assertIn("grün", event["output"])

    def test_an_exception_that_cannot_be_shown(self):
        event = self.run_all("""
            class Rude(Exception):
                def __str__(self): raise ValueError("no")
                __repr__ = __str__
            def test_it(): raise Rude
            def test_next(): pass
        """)
        self.assertEqual([event["test_it"]["outcome"], event["test_next"]["outcome"]], ["failed", "passed"])


class Fixtures(WorkerTest):
    TEXT = """
        import pytest, unittest
        def log(text):
            with open("trace", "a") as file: print(text, file=file)
        @pytest.fixture(scope="session", autouse=True)
        def session():
            log("session+"); yield; log("session-")
        @pytest.fixture(scope="module", autouse=True)
        def module():
            log("module+"); yield; log("module-")
        class TestA(unittest.TestCase):
            @classmethod
            def setUpClass(cls): log("A+")
            @classmethod
            def tearDownClass(cls): log("A-")
            def test_1(self): log("A1")
            def test_2(self): log("A2")
        class TestB(unittest.TestCase):
            @classmethod
            def setUpClass(cls): log("B+")
            @classmethod
            def tearDownClass(cls): log("B-")
            def test_1(self): log("B1")
    """

    def trace(self, *slices, **fields):
        worker, _ = self.open(self.TEXT, **fields)
        for number, cases in enumerate(slices):
            events = worker.run(cases, number)
            self.assertEqual({event["outcome"] for event in events if event["event"] == "finish"}, {"passed"})
        return self.read("trace").split()

    def test_one_slice(self):
        self.assertEqual(self.trace([0, 1, 2]), "session+ module+ A+ A1 A2 A- B+ B1 B- module- session-".split())

    def test_each_slice_has_its_own(self):
        self.assertEqual(self.trace([1], [0, 2]), ("session+ module+ A+ A2 A- module- session- "
                                                   "session+ module+ A+ A1 A- B+ B1 B- module- session-").split())

    def test_in_one_process(self):
        self.assertEqual(self.trace([0], [2], fork=False), ("session+ module+ A+ A1 A- module- session- "
                                                            "session+ module+ B+ B1 B- module- session-").split())

    def test_any_order_and_again(self):
        self.assertEqual(self.trace([2, 0, 0]), "session+ module+ B+ B1 B- A+ A1 A1 A- module- session-".split())

    def test_no_cases(self):
        worker, _ = self.open("def test_it(): pass")
        self.assertEqual([event["event"] for event in worker.run([])], ["child", "done", "child_ended"])


class JUnitFile(WorkerTest):
    def test_one_a_slice(self):
        path = self.directory + "/junit/one.xml"
        results = self.run_all("""
            import pytest
            def test_passes(): print("text")
            def test_fails(): assert False
            def test_stops(): raise KeyboardInterrupt
            def test_skips(): pytest.skip("no")
        """, junit=path)
        cases = {case.get("name"): [child.tag for child in case] for case in xml.parse(path).iter("testcase")}
        self.assertEqual(cases, {"test_passes": [], "test_fails": ["failure"], "test_stops": ["failure"],
                                 "test_skips": ["skipped"]})
        self.assertEqual(len(results), 4)

    def test_that_cannot_be_written(self):
        worker, _ = self.open("def test_it(): pass")
        worker.send("run", slice=1, cases=[0], junit=self.log + "/no/such.xml", text_limit=100)
        events = worker.until("problem")
        self.assertIn("JUnit", events[-1]["message"])
        self.assertEqual([event["event"] for event in worker.until("child_ended")], ["done", "child_ended"])


if __name__ == "__main__":
    unittest.main()
