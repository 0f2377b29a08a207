# SPDX-License-Identifier: Apache-2.0
"""What becomes of every case of tests/fixtures/tree: the one table that integration tests compare with."""

EXPECTED = {
    "test/test_outcomes.py::TestOutcomes::test_passes": "passed",
    "test/test_outcomes.py::TestOutcomes::test_fails": "failed",
    "test/test_outcomes.py::TestOutcomes::test_raises": "failed",
    "test/test_outcomes.py::TestOutcomes::test_skips": "skipped",
    "test/test_outcomes.py::TestOutcomes::test_expected_failure": "xfailed",
    "test/test_outcomes.py::TestBrokenSetup::test_never_starts": "failed",
    "test/test_outcomes.py::test_broken_fixture": "error",
    "test/test_outcomes.py::test_broken_teardown": "error",
    "test/test_outcomes.py::test_unexpected_pass": "xpassed",
    "test/test_outcomes.py::test_strict_unexpected_pass": "failed",
    "test/test_outcomes.py::test_parameters[1]": "passed",
    "test/test_outcomes.py::test_parameters[2]": "failed",
    "test/test_outcomes.py::test_parameters[3]": "passed",
    "test/test_outcomes.py::test_prints_much": "failed",
    "test/test_crashes.py::TestCrashes::test_1_before": "passed",
    "test/test_crashes.py::TestCrashes::test_2_segfault": "crashed",
    "test/test_crashes.py::TestCrashes::test_3_between": "passed",
    "test/test_crashes.py::TestCrashes::test_4_exit_zero": "crashed",
    "test/test_crashes.py::TestCrashes::test_5_abort": "crashed",
    "test/test_crashes.py::TestCrashes::test_6_killed": "crashed",
    "test/test_crashes.py::TestCrashes::test_7_after": "passed",
    "test/test_hangs.py::TestHangs::test_1_before": "passed",
    "test/test_hangs.py::TestHangs::test_2_waits_for_ever": "timed_out",
    "test/test_hangs.py::TestHangs::test_3_ignores_signals": "timed_out",
    "test/test_hangs.py::TestHangs::test_4_after": "passed",
    "test/test_uncollectable.py": "error",
    "test/test_crashes_on_import.py": "crashed",
    "test/test_skips_itself.py": "skipped",
    "test/test_generated.py::TestGenerated::test_written": "passed",
    "test/test_generated.py::TestGenerated::test_made_one": "passed",
    "test/test_generated.py::TestGenerated::test_made_two": "passed",
}

NOT_INSTANTIATED = ["test/test_generated.py::TestGenerated::test_removed"]
