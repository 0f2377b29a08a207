# SPDX-License-Identifier: Apache-2.0
"""Make the test classes of a file for the out-of-tree device, in memory.

PyTorch makes device classes of what a file passes to instantiate_device_type_tests(). The rest has no case with the
device in its name: classes that the file allows for other devices only, and classes that it does not pass.
"""

import contextlib
import functools
import inspect
import sys
import traceback
import unittest

from spyre_ci_worker.device_classes import (DEVICE, as_tuple, backend_name, derived, derived_for_base, device_base,
                                            device_names, keep_ids, preset_device, put_back_descriptors,
                                            starts_ranks, takes_device, tests_of, without_restriction)
from spyre_ci_worker.import_hook import when_imported
from spyre_ci_worker.originals import os
from spyre_ci_worker.text import first_line

_UTILITIES = "torch.testing._internal.common_utils"
_DEVICE_TYPES = "torch.testing._internal.common_device_type"
_DEVICE_LISTS = ("DEVICE_LIST_SUPPORT_PROFILING_TEST", "NATIVE_DEVICES")


class Injection:
    """Makes device classes of one file, some while the file is imported and the others after that."""

    def __init__(self, settings, root, file):
        """`settings` are the InjectSettings of the agent; `file` is relative to `root`."""
        self._settings = settings
        self._file = file
        self._path = os.path.realpath(os.path.join(root, file))
        self._importing = True
        self._generic = set()  # classes that the file passed to instantiate_device_type_tests
        self._expanded = {}  # {id: function} of what instantiate_parametrized_tests made
        self._replaced = set()  # (class, name of a test) that are no cases
        self._instantiate = None  # PyTorch's own function
        self.injected = []  # as in the event `collected`
        self.errors = []  # (id, message, details)

    def begin(self):
        """Patch PyTorch's test utilities once they are imported. To be called before the file is imported."""
        when_imported(_UTILITIES, self._patch_utilities)
        when_imported(_DEVICE_TYPES, self._patch_device_types)

    def watch(self, collector):
        """Make the other classes after pytest has imported the module of this collector, before it lists them."""
        if collector is None or os.path.realpath(collector.path) != self._path:
            return
        collect = collector.collect

        def make_and_collect():
            self._make_classes(collector.obj)
            return collect()

        collector.collect = make_and_collect

    def drop_replaced(self, items):
        """Drop the tests that run under another name. They stay in their classes: other tests call and pickle them."""
        items[:] = [item for item in items
                    if (getattr(item, "cls", None), getattr(item, "originalname", None)) not in self._replaced]

    # While the file is imported.

    def _patch_utilities(self, module):
        self._add_device(module)
        expand = module.instantiate_parametrized_tests

        @functools.wraps(expand)
        def instantiate_parametrized_tests(generic_cls):
            before = dict(vars(generic_cls))
            result = expand(generic_cls)
            if self._importing:
                self._expanded.update((id(value), value) for name, value in vars(generic_cls).items()
                                      if before.get(name) is not value)
            return result

        module.instantiate_parametrized_tests = instantiate_parametrized_tests

    def _patch_device_types(self, module):
        self._add_device(module)
        preset_device(module)
        self._instantiate = instantiate = module.instantiate_device_type_tests

        @functools.wraps(instantiate)
        def instantiate_device_type_tests(generic_test_class, scope, except_for=None, only_for=None, *more, **options):
            allowed = self._allowed_devices(generic_test_class, except_for, only_for)
            if allowed and self._instantiate_unrestricted(generic_test_class, scope, *allowed, *more, **options):
                return
            instantiate(generic_test_class, scope, except_for, only_for, *more, **options)

        module.instantiate_device_type_tests = instantiate_device_type_tests

    @staticmethod
    def _add_device(module):
        for name in _DEVICE_LISTS:
            devices = getattr(module, name, None)
            if devices is not None:
                setattr(module, name, type(devices)(dict.fromkeys((*devices, *sorted(device_names())))))

    def _allowed_devices(self, cls, except_for, only_for):
        """Return (except_for, only_for) with which the class has the device; None when it is to be as the file says."""
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if not self._importing or not isinstance(file, str) or os.path.realpath(file) != self._path:
            return None
        self._generic.add(cls)
        if starts_ranks(cls) or as_tuple(only_for) == ("cpu",) and not self._settings.names(cls.__name__):
            return None
        return without_restriction(except_for, only_for)

    def _instantiate_unrestricted(self, cls, scope, *arguments, **options):
        """Make the classes of the devices that are allowed now. Return whether that worked."""
        before = dict(scope)
        with self._errors_of(cls):
            self._instantiate(cls, scope, *arguments, **options)
            put_back_descriptors(cls, [value for name, value in scope.items() if before.get(name) is not value])
            self._add(cls, "restricted")
            return True
        for name in scope.keys() - before.keys():
            del scope[name]
        scope.update(before)
        return False

    # After that.

    def _make_classes(self, module):
        self._importing = False
        if "torch" not in sys.modules:
            return
        makers = []
        for cls in self._classes_of(module):
            with self._errors_of(cls):
                makers += self._makers(cls, module)
        if not makers and not self._generic:
            return
        from torch.testing._internal import common_device_type

        if device_base(common_device_type)[0] is None:
            why = f"device injection: PyTorch's tests have no device '{DEVICE}'; its module is missing or not available"
            self.errors.append((self._file, why, why))
            return
        for cls, make in makers:
            with self._errors_of(cls):
                make(common_device_type)

    def _classes_of(self, module):
        types = dict.fromkeys(value for value in vars(module).values() if isinstance(value, type))
        device_bases = getattr(sys.modules.get(_DEVICE_TYPES), "DeviceTypeTestBase", ())
        return [cls for cls in types
                if issubclass(cls, unittest.TestCase) and cls.__module__ == module.__name__ and
                cls not in self._generic and not issubclass(cls, device_bases) and not starts_ranks(cls) and
                getattr(cls, "__test__", True)]

    def _makers(self, cls, module):
        """Return [(class, function that makes the device's class of it)], or nothing."""
        tests = tests_of(cls)
        if any(takes_device(test) for test in tests.values() if not self._is_expanded(test)):
            return [(cls, functools.partial(self._make_device_classes, cls, module, tests))]
        moved = {name: test for name, test in tests.items() if self._is_for_device(cls, name, test)}
        return [(cls, functools.partial(self._make_plain_class, cls, module, tests, moved))] if moved else []

    def _make_device_classes(self, cls, module, tests, _):
        """Make the device's classes of one whose tests take a device, by PyTorch's own function."""
        # PyTorch's function takes the tests of the class alone, not of its bases, and derives from the bases alone,
        # which breaks super(): it is given a class below, with all tests.
        generic = derived(cls, cls.__name__, (cls,), {name: self._unexpandable(test) for name, test in tests.items()})
        scope = {cls.__name__: generic}
        self._instantiate(generic, scope, only_for=(DEVICE,))
        self._replace(cls, module, tests, tests, scope.values())
        self._add(cls, "device")

    def _make_plain_class(self, cls, module, tests, moved, common_device_type):
        """Make a class in which tests that take no device have its name."""
        name = cls.__name__ + DEVICE.upper()
        base, is_other = device_base(common_device_type)
        if is_other:  # which has its own ways with the tests that it makes
            made = derived_for_base(cls, name, base)
            instantiate = made.instantiate_test
            if "generic_cls" in inspect.signature(instantiate).parameters:
                instantiate = functools.partial(instantiate, generic_cls=cls)
            for test_name, test in moved.items():
                instantiate(test_name, self._unexpandable(test))
        else:
            made = derived(cls, name, (cls,), {f"{test_name}_{backend_name()}": inspect.getattr_static(cls, test_name)
                                               for test_name in moved})
        keep_ids(cls, made)
        self._replace(cls, module, tests, moved, [made])
        self._add(cls, "plain")

    def _replace(self, cls, module, tests, moved, made):
        """Have the moved tests run in the classes that were made, and no test there under a name that it inherits."""
        for one in made:
            if one.__name__ in vars(module):
                raise ValueError(f"the file has another class {one.__name__}")
        for one in made:
            setattr(module, one.__name__, one)
            self._replaced.update((one, name) for name in tests)
        self._replaced.update((cls, name) for name in moved)

    def _is_for_device(self, cls, name, test):
        if self._settings.plain == "configured":
            return self._settings.names(cls.__name__, name, getattr(test, "__name__", name))
        return self._settings.plain == "device"

    def _is_expanded(self, test):
        while test is not None and id(test) not in self._expanded:
            test = getattr(test, "__wrapped__", None)
        return test is not None

    def _unexpandable(self, test):
        """Return the test; if it was expanded, without what would have it expanded again."""
        if not self._is_expanded(test):
            return test

        @functools.wraps(test)
        def expanded_test(self):
            return test(self)

        del expanded_test.__wrapped__
        vars(expanded_test).pop("parametrize_fn", None)
        return expanded_test

    def _add(self, cls, kind):
        self.injected.append({"class": cls.__name__, "kind": kind})

    @contextlib.contextmanager
    def _errors_of(self, cls):
        """Turn an exception into an error of this class: the others go on."""
        try:
            yield
        except Exception as error:
            self.errors.append((f"{self._file}::{cls.__name__}",
                                first_line(f"device injection: {type(error).__name__}: {error}"),
                                traceback.format_exc()))
