# SPDX-License-Identifier: Apache-2.0
"""What the machine does not give, and what tests do to it: neither is blamed on a test or a card, and nothing is left."""
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time
import unittest

from harness import PROGRAM, TreeTest

PASSES = "def test_a(): pass\ndef test_b(): pass\n"


class MachineTest(TreeTest):
    def start(self, *settings, **options):
        """Starts a run of the tree in self.home/out."""
        more = [part for setting in settings for part in ("--set", setting)]
        arguments = self.arguments(*more, "run", "--source", self.tree, "--fraction", 1, "--cards", "cpu:1", "--run-dir",
                                   self.home / "out")
        return subprocess.Popen(arguments, cwd=self.home, env=self.environment(**options.pop("environment", {})), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def finish(self, process, code):
        output = process.communicate(timeout=300)
        self.assertEqual(process.returncode, code, output)
        return output

    def read(self, name):
        return json.loads((self.home / "out" / name).read_text())

    def events(self):
        journal = self.home / "out/journal.jsonl"
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def unprivileged(self, **limits):
        """Options of a process to which limits mean something, although the tests may run as root."""
        def limit():
            for name, value in limits.items():
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))

        options = {"preexec_fn": limit}
        if os.getuid() == 0:
            for path, _, names in os.walk(self.home):
                for name in [path, *(os.path.join(path, name) for name in names)]:
                    os.chown(name, 65534, 65534)
            # A copy: another user may not be let into the directory that the program was built in.
            program = shutil.copy(PROGRAM, self.home / "program")
            options.update(executable=program, user=65534, group=65534, extra_groups=[])
        return options


class TestRefusals(MachineTest):
    def test_too_few_descriptors(self):
        self.write(PASSES)
        self.finish(self.start(**self.unprivileged(NOFILE=24)), 3)
        summary = self.read("summary.json")
        self.assertEqual(summary["totals"]["not_run"], 2)
        self.assertIn("Too many open files", json.dumps(summary))
        self.assertEqual([event for event in self.events() if event["event"] == "card_cordoned"], [])
        self.assertNotIn("pidfd_open", json.dumps(summary))

    @unittest.skipIf(len(os.sched_getaffinity(0)) == 1, "one core needs no second thread")
    def test_no_thread_for_the_program(self):
        self.write(PASSES)
        self.write(PASSES, "test/test_other.py")
        limits = self.unprivileged(NPROC=1)
        for arguments in (("list", "--source", self.tree), ("select", "--source", self.tree, "--fraction", 1),
                          ("run", "--source", self.tree, "--fraction", 1, "--run-dir", self.home / "out")):
            with self.subTest(command=arguments[0]):
                done = subprocess.run(self.arguments(*arguments), cwd=self.home, env=self.environment(), timeout=60,
                                      capture_output=True, text=True, check=False, **limits)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertEqual([line[:6] for line in done.stderr.splitlines()].count("error:"), 1, done.stderr)
                self.assertNotIn("terminate", done.stderr)
                self.assertIn("Resource temporarily unavailable", done.stderr)
        self.assertFalse((self.home / "out").exists())

    def test_no_process_for_a_child(self):
        self.write("import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (0, 0))\n" + PASSES)
        self.finish(self.start("execute.retries=0", **self.unprivileged()), 3)
        summary = self.read("summary.json")
        self.assertEqual(summary["totals"]["not_run"], 2)
        self.assertIn("Resource temporarily unavailable", json.dumps(summary))

    @unittest.skipUnless(os.getuid() == 0, "only root can mount")
    def test_an_empty_proc(self):
        self.write(PASSES)
        arguments = self.arguments("run", "--source", self.tree, "--fraction", 1, "--cards", "cpu:1", "--run-dir",
                                   self.home / "out")
        done = subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\"", "sh", *arguments],
                              cwd=self.home, env=self.environment(), capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.read("summary.json")["totals"]["not_run"], 2)
        self.assertIn("/proc cannot be used: No such file or directory", done.stderr)

    def test_a_limit_on_file_size_is_an_error_of_a_write(self):
        self.write("import pytest\n@pytest.mark.parametrize('i', range(2000))\ndef test_a(i): print('x' * 1000)\n")
        _, errors = self.finish(self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))),
                                3)
        self.assertIn("File too large", errors)


class TestSignals(MachineTest):
    SENDS = ("import os, signal, subprocess, time\n"
             "def agent():\n"
             "    pid = os.getpid()\n"
             "    while 'spyre-ci' not in open(f'/proc/{pid}/comm').read():\n"
             "        pid = int(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[1])\n"
             "    return pid\n")

    def test_tests_do_not_stop_the_run(self):
        self.write(self.SENDS + "def test_itself(): os.kill(agent(), signal.SIGTERM)\n"
                   "def test_orphan():\n"
                   "    target = agent()\n"
                   "    if os.fork() == 0:\n"
                   "        if os.fork() == 0:\n"
                   "            os.setsid()\n"
                   "            os.kill(target, signal.SIGTERM)\n"
                   "            time.sleep(1)\n"
                   "        os._exit(0)\n"
                   "    os.wait()\n"
                   "    time.sleep(0.5)\n")
        self.finish(self.start(), 0)
        self.assertEqual(self.read("summary.json")["totals"]["passed"], 2)

    def test_a_users_signal_beside_that_of_a_test_stops_it(self):
        self.write(self.SENDS + "def test_sends():\n    target = agent()\n    while True:\n"
                   "        os.kill(target, signal.SIGTERM)\n        time.sleep(0.001)\n")
        process = self.start()
        self.wait_for(lambda: any(event["event"] == "warning" for event in self.events()), "the signal of the test")
        while process.poll() is None:  # the kernel merges a signal with one of its number that was not read yet
            process.terminate()
            time.sleep(0.2)
        self.finish(process, 143)


class TestNothingIsLeft(MachineTest):
    # A process that nothing but its parent tells: no session, no environment, no parents but the agent in the end.
    HIDES = ("import os, pathlib, time\n"
             "def hide():\n"
             "    reading, writing = os.pipe()\n"
             "    if os.fork() == 0:\n"
             "        os.setsid()\n"
             "        if os.fork() == 0:\n"
             "            os.setsid()\n"
             "            os.chdir('/')\n"
             "            null = os.open('/dev/null', os.O_RDWR)\n"
             "            for fd in (0, 1, 2): os.dup2(null, fd)\n"
             "            os.write(writing, str(os.getpid()).encode())\n"
             "            os.execve('/bin/sleep', ['sleep', '1000'], {})\n"
             "        os._exit(0)\n"
             "    os.wait()\n"
             "    return int(os.read(reading, 20))\n")

    def test_a_stray_of_a_dead_worker_is_ended(self):
        self.write(self.HIDES + "def test_hides():\n"
                   f"    pathlib.Path({str(self.home)!r}, 'pid').write_text(str(hide()))\n"
                   "    host, root = os.getppid(), int(open(f'/proc/{os.getppid()}/stat').read().split()[3])\n"
                   "    os.kill(root, 9)\n    os.kill(host, 9)\n    time.sleep(1000)\n")
        self.finish(self.start("execute.retries=0", "execute.cgroup=off"), 1)
        pid = int((self.home / "pid").read_text())
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())

    def test_a_probe_that_is_stopped_leaves_no_directory(self):
        tmp = self.home / "tmp"
        tmp.mkdir()
        self.write("import time\ntime.sleep(1000)\n", "lib/slow.py")
        self.write(PASSES)
        process = self.start("python.preload=[slow]", f"python.path=[{self.tree}/lib]", environment={"TMPDIR": str(tmp)})
        self.wait_for(lambda: self.processes_with("import importlib, json, platform, sys") and list(tmp.iterdir()), "the probe")
        process.send_signal(signal.SIGTERM)
        self.finish(process, -signal.SIGTERM)
        self.assertEqual(list(tmp.iterdir()), [])

    def test_a_link_in_the_place_of_the_temporary_directory(self):
        (self.home / "victim").mkdir()
        (self.home / "victim/file").write_text("precious")
        self.write("import os, tempfile\ndef test_replaces():\n    tmp = tempfile.gettempdir()\n"
                   f"    os.rename(tmp, tmp + '.old')\n    os.symlink({str(self.home / 'victim')!r}, tmp)\n"
                   "def test_next(tmp_path): pass\n")
        self.write(PASSES, "test/test_other.py")
        self.finish(self.start(), 0)
        self.assertEqual((self.home / "victim/file").read_text(), "precious")

    def test_a_directory_without_permissions(self):
        tmp = self.home / "tmp"
        tmp.mkdir()
        self.write("import os, tempfile\ndef test_closes():\n    path = tempfile.gettempdir() + '/a'\n"
                   "    os.makedirs(path + '/b')\n    os.chmod(path, 0)\n"
                   "    home = os.environ['HOME'] + '/a'\n    os.makedirs(home + '/b')\n    os.chmod(home, 0)\n")
        self.finish(self.start(environment={"TMPDIR": str(tmp)}, **self.unprivileged()), 0)
        self.assertEqual(list(tmp.iterdir()), [])


class TestFloods(MachineTest):
    def test_warnings_of_a_test_are_few(self):
        self.write("import json, os, struct\n"
                   "def say(message):\n"
                   "    body = json.dumps({'event': 'problem', 'message': message}).encode()\n"
                   "    data = struct.pack('>I', len(body)) + body\n"
                   "    while data: data = data[os.write(4, data):]\n"
                   "def test_many():\n    for i in range(100_000): say(f'problem {i}')\n"
                   "def test_long():\n    for i in range(3): say(chr(97 + i) * (60 << 20))\n")
        self.finish(self.start("execute.memory_limit=0"), 0)
        for name in ("journal.jsonl", "summary.json", "report.html"):
            self.assertLess((self.home / "out" / name).stat().st_size, 200_000, name)
        self.assertLess(len(self.read("summary.json")["warnings"]), 15)


if __name__ == "__main__":
    unittest.main()
