# SPDX-License-Identifier: Apache-2.0
"""The hooks of pytest."""

from spyre_ci_worker.reports import ignore_skipped_subtests


def make_plugin(host):
    """Return the plugin through which pytest reports events to the host.

    The class is made here because pytest can be missing: root reports that, and has imported this module by then.
    """
    import pytest

    collection = host.collection

    class Plugin:
        def pytest_addoption(self, parser, pluginmanager):
            collection.options.register(parser, pluginmanager)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_cmdline_main(self, config):
            collection.options_read(config)
            yield

        @pytest.hookimpl(trylast=True)  # a plugin for subtests may have its own
        def pytest_configure(self):
            ignore_skipped_subtests()

        @pytest.hookimpl(hookwrapper=True, trylast=True)  # within pytest's own wrapper, which starts capturing
        def pytest_load_initial_conftests(self, early_config):
            collection.capture_started(early_config)
            with collection.fork_check.watching():
                yield

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection(self):
            collection.conftests_loaded()
            with collection.fork_check.watching():
                yield

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_pycollect_makemodule(self):
            outcome = yield
            collection.module_made(outcome.get_result())

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection_modifyitems(self, items):
            collection.items_collected(items)
            yield

        def pytest_deselected(self, items):
            collection.deselection.deselected(items)

        def pytest_collectreport(self, report):
            collection.reported(report)

        def pytest_internalerror(self, excrepr):
            collection.internal_error = str(excrepr)

        def pytest_keyboard_interrupt(self, excinfo):
            collection.internal_error = excinfo.exconly()

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session):
            host.collected(session)
            return True

        # Innermost, which is before the captured output is read.
        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_setup(self):
            yield
            host.runner.after_phase()

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_call(self):
            host.runner.before_call()
            yield
            host.runner.after_call()

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_teardown(self):
            yield
            host.runner.after_teardown()

        def pytest_runtest_logreport(self, report):
            host.runner.reported(report)

    return Plugin()
