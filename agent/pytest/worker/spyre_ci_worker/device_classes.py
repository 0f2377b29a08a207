# SPDX-License-Identifier: Apache-2.0
"""Test classes of PyTorch's out-of-tree device (PrivateUse1), and what they are made of."""

import inspect
import sys

DEVICE = "privateuse1"  # what PyTorch's test bases call the device, whatever the backend's name


def backend_name():
    """Return the name that the backend of the device gave it."""
    return sys.modules["torch"]._C._get_privateuse1_backend_name()


def device_names():
    return {DEVICE, backend_name()}


def preset_device(common_device_type):
    """Tell PyTorch's test base its device, before classes are made.

    Else the first test that is made asks for it, by the set-up of its class: which may be the file's own by then, and
    changes `device_type` for the tests that are made after it. Their order is that of a set, another in each process.
    """
    base = getattr(common_device_type, "PrivateUse1TestBase", None)
    module = getattr(sys.modules["torch"], backend_name(), None)
    if base and module:
        base.device_mod = module
        base.primary_device = f"{backend_name()}:0"


def device_base(common_device_type):
    """Return the class that PyTorch derives classes of the device from, or None; and whether it is not PyTorch's own.

    $TORCH_TEST_DEVICES names a file with another. Of several the last makes the class that stays in the file's scope.
    """
    bases = [base for base in common_device_type.device_type_test_bases if base.device_type in device_names()]
    base = bases[-1] if bases else None
    return base, base is not None and base is not getattr(common_device_type, "PrivateUse1TestBase", None)


def without_restriction(except_for, only_for):
    """Return (except_for, only_for), arguments of instantiate_device_type_tests, that do not exclude the device.

    Return None if they already do not. PyTorch takes a string for its characters, so that none names the device.
    """
    names = device_names()
    excluded, only = as_tuple(except_for), as_tuple(only_for)
    is_allowed = not only or not (names.isdisjoint(only) or isinstance(only_for, str))
    if is_allowed and names.isdisjoint(excluded):
        return None
    return tuple(one for one in excluded if one not in names) or None, (*only, DEVICE) if only else None


def as_tuple(devices):
    return (devices,) if isinstance(devices, str) else tuple(devices or ())


def tests_of(cls):
    """Return {name: function} of the tests that the class and its bases within the same module define."""
    names = dict.fromkeys(name for one in cls.__mro__ if one.__module__ == cls.__module__ for name in vars(one)
                          if name.startswith("test"))
    return {name: getattr(cls, name) for name in names if callable(getattr(cls, name, None))}


def takes_device(test):
    return not {"device", "devices"}.isdisjoint(inspect.signature(test).parameters)


def starts_ranks(cls):
    """Return whether processes that the tests start import the file and look for the class: it must not change."""
    return any(one.__name__ == "MultiProcessTestCase" for one in cls.__mro__)


def derived(cls, name, bases, members):
    """Return a class that looks as if the file had it beside `cls`."""
    return type(cls)(name, bases, {"__module__": cls.__module__, "__qualname__": name, **members})


def put_back_descriptors(cls, made):
    """Give the classes that PyTorch made of `cls` its static methods, class methods and properties as they are.

    PyTorch copies what getattr() gives: what was static is bound to the test, and a class method to `cls`.
    """
    for name, original in vars(cls).items():
        if isinstance(original, (staticmethod, classmethod, property)) and name not in ("setUpClass", "tearDownClass"):
            for one in made:
                setattr(one, name, original)


def keep_ids(cls, made):
    """Give tests the ids that they had in `cls`, of which PyTorch makes the names of files with expected values."""
    suffix = f"_{backend_name()}"

    def id_(self):
        name = self._testMethodName
        return f"{cls.__module__}.{cls.__qualname__}.{name[:-len(suffix)] if name.endswith(suffix) else name}"

    made.id = id_


def derived_for_base(cls, name, base):
    """Return a class of the device that inherits from `cls`.

    The class is set up and torn down by both, as what PyTorch's own function makes: the device first and last.
    """
    def set_up_class(_):
        base.setUpClass()
        cls.setUpClass()

    def tear_down_class(_):
        cls.tearDownClass()
        base.tearDownClass()

    return derived(cls, name, (base, cls), {"setUpClass": classmethod(set_up_class),
                                            "tearDownClass": classmethod(tear_down_class)})
