# SPDX-License-Identifier: Apache-2.0
"""Options of pytest that lose tests."""

import contextlib


class Options:
    """Overrides options (pytest.ini, PYTEST_ADDOPTS, plugins) that skip cases, stop the session or run elsewhere."""

    # Name in config.option: (how users write it, the value that runs every case here).
    _NEUTRAL = {
        "setuponly": ("--setup-only", False), "setupplan": ("--setup-plan", False),
        "setupshow": ("--setup-show", False), "collectonly": ("--collect-only", False),
        "maxfail": ("--maxfail", 0), "usepdb": ("--pdb", False),
        "trace": ("--trace", False), "stepwise": ("--stepwise", False), "stepwise_skip": ("--stepwise-skip", False),
        "lf": ("--last-failed", False), "failedfirst": ("--failed-first", False), "newfirst": ("--new-first", False),
        "cacheclear": ("--cache-clear", False), "showfixtures": ("--fixtures", False),
        "show_fixtures_per_test": ("--fixtures-per-test", False), "markers": ("--markers", False),
        "version": ("--version", 0), "basetemp": ("--basetemp", None),  # which workers would delete for each other
        "numprocesses": ("--numprocesses", None), "dist": ("--dist", "no"), "tx": ("--tx", []),
        "distload": ("-d", False), "looponfail": ("--looponfail", False), "forked": ("--forked", False),
    }
    # Without the cache, which workers would share, pytest does not know these.
    _OF_CACHE = {
        "lf": ("--lf", "--last-failed"), "failedfirst": ("--ff", "--failed-first"), "newfirst": ("--nf", "--new-first"),
        "cacheclear": ("--cache-clear",), "stepwise": ("--sw", "--stepwise"),
        "stepwise_skip": ("--sw-skip", "--stepwise-skip"),
    }
    # Plugins of pytest that find cases, or run them as their marks say.
    _NEEDED = ("python", "unittest", "skipping", "terminal", "junitxml")

    def __init__(self, plain_asserts):
        self._plain_asserts = plain_asserts
        self._ignored = []

    def register(self, parser, plugins):
        """Prepare pytest's parser, before any option is read."""
        group = parser.getgroup("spyre-ci")
        for name, spellings in self._OF_CACHE.items():
            with contextlib.suppress(ValueError):  # a plugin has it
                group.addoption(*spellings, action="store_true", dest=name, default=False)
        if self._plain_asserts:  # unless an option says otherwise
            plugins.get_plugin("pytestconfig").option.assertmode = "plain"
            for option in parser.getgroup("debugconfig").options:  # older versions of pytest look here
                with contextlib.suppress(AttributeError):
                    option.default = "plain" if option.dest == "assertmode" else option.default
        consider = plugins.consider_pluginarg

        def consider_others(argument):
            if argument.startswith("no:") and argument[3:] in self._NEEDED:
                self._ignored.append(f"-p {argument}")
            else:
                consider(argument)

        plugins.consider_pluginarg = consider_others

    def neutralize(self, options):
        """Reset options, before a plugin acts on them. Return those that are ignored, as users write them."""
        for name, (spelling, neutral) in self._NEUTRAL.items():
            if getattr(options, name, neutral) not in (neutral, None):
                setattr(options, name, neutral)
                self._ignored.append(spelling)
        return self._ignored
