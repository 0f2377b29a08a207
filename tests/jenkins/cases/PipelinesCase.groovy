// SPDX-License-Identifier: Apache-2.0
import groovy.io.FileType
import harness.Build
import harness.Case
import harness.CpsLint
import harness.DeclarativeLint

/** Every Jenkinsfile of pipelines/jenkins, as it is, on a small PyTorch. Container engines and mail are stand-ins. */
class PipelinesCase extends Case {
  private static final File FOLDER = new File(PROJECT, 'pipelines/jenkins')
  private static final Map CPU = [CARDS: 'cpu:2', LOCK: '']

  void setUp() {
    super.setUp()
    controller.addNode('control', labels: ['spyre-control'], executors: 4)
    controller.addNode('builder', labels: ['spyre-build'])
    controller.addNode('one', labels: ['spyre'])
    controller.addNode('two', labels: ['spyre'])
    controller.scm = new File(root, 'scm')
    controller.scm.mkdirs()
    // Stage 1 is 5 %: one of these.
    pytorch(test_a: [test_1: 'assert True', test_2: 'assert True'], test_b: [test_3: 'assert True'])
  }

  void testNoneHasTraps() {
    List files = FOLDER.listFiles().findAll { it.name.endsWith('.Jenkinsfile') }
    assert files.size() == 7
    files.each {
      assert !CpsLint.check(it.text): it.name
      assert !DeclarativeLint.check(it.text): it.name
    }
  }

  void testAllHaveATimeoutAndKeepNoBuildForever() {
    FOLDER.listFiles().findAll { it.name.endsWith('.Jenkinsfile') }.each { File file ->
      Build build = run(environment: [SPYRE_PAUSED: 'true'], parameters: CPU, file)
      List options = build.declared.options
      assert 'timeout' in options*.name: file.name
      assert 'buildDiscarder' in options*.name: file.name
    }
  }

  /** A parameter that a job does not have yet, as in its first build, is no variable of the environment. */
  void testShellsGetParametersFromTheJenkinsfile() {
    int used = 0
    FOLDER.listFiles().findAll { it.name.endsWith('.Jenkinsfile') }.each { File file ->
      file.text.findAll(/(?:string|choice|text|booleanParam)\(name: '(\w+)'/) { it[1] }.each { String name ->
        if (!(file.text =~ /\$\{?${name}\b/)) return
        used++
        assert file.text.contains("${name} = \"\${params.${name}}\""): "${file.name}: ${name} may be unset in a shell"
      }
    }
    assert used
  }

  void testNightlyOnThePinnedRevision() {
    Build build = pipeline('nightly-pinned', CPU)
    assert build.result == 'SUCCESS'
    assert build.did('sh').any { it.script.contains('select --rev pinned --stage 1') && it.node == 'control' }
    assert build.declared.triggers == [[kind: 'cron', spec: 'H 1 * * *']]
    assert 'disableConcurrentBuilds' in build.declared.options*.name
  }

  void testNothingRunsWhilePaused() {
    ['nightly-pinned', 'upstream-main', 'staged', 'upstream-pr'].each {
      Build build = pipeline(it, CPU + [REVISION: 'main'], [SPYRE_PAUSED: 'true'])
      assert build.result == 'SUCCESS'
      assert build.did('skipped')*.name == ['Tests']
      assert !build.did('sh')
    }
  }

  void testNightlyTellsPeopleOfFailures() {
    breakTests()
    Build build = pipeline('nightly-pinned', CPU + [NOTIFY: 'team@example.org', STAGE: '4'])
    assert build.result == 'UNSTABLE'
    assert build.did('mail')*.to == ['team@example.org']
  }

  void testMainEveryWeekOrAsTheControllerSays() {
    Build build = pipeline('upstream-main', CPU)
    assert build.result == 'SUCCESS'
    assert build.declared.triggers*.spec == ['H 3 * * 6']
    assert build.did('sh').any { it.script.contains('select --rev main') }
    Build nightly = run(environment: [SPYRE_MAIN_SCHEDULE: 'H 3 * * *', SPYRE_PAUSED: 'true'], parameters: CPU,
                        new File(FOLDER, 'upstream-main.Jenkinsfile'))
    assert nightly.declared.triggers*.spec == ['H 3 * * *']
  }

  void testStagedFourTimesADay() {
    Build build = pipeline('staged', CPU + [BUDGET: '1m'])
    assert build.result == 'SUCCESS'
    assert build.declared.triggers*.spec == ['H H/6 * * *']
    assert build.did('sh').any { it.script.contains('--stage 3') }
    assert build.did('sh').any { it.script.contains('--budget 1m') }
  }

  void testAPullRequestIsReportedToTheRelayFromANodeWithoutTests() {
    relayStandIn()
    Build build = pipeline('upstream-pr', CPU + [
        REVISION: 'main', STAGE: '4', RELAY_URL: 'http://relay.test', DISPATCH: '{"delivery_id": "d1"}', RUN_ID: '17',
        CHECK_RUN_ID: '18', REPOSITORY: 'torch-spyre/torch-spyre'])
    assert build.result == 'SUCCESS'
    List relay = build.did('sh').findAll { it.script.contains(' relay send ') }
    assert relay*.node == ['control', 'control']
    assert calls*.find(/--status \w+/) == ['--status in_progress', '--status completed']
    assert calls.every { it.contains('--dispatch spyre-ci/dispatch.json') && it.contains('--run-id 17') }
    assert !build.did('withCredentials')
  }

  void testAPullRequestWithoutARelay() {
    Build build = pipeline('upstream-pr', CPU + [REVISION: 'main'])
    assert build.result == 'SUCCESS'
    assert !build.did('sh').any { it.script.contains(' relay ') }
  }

  void testAPullRequestToTheStack() {
    engine()
    Build build = pipeline('stack-pr', CPU + [COMPONENTS: 'runtime torch-spyre'], [BRANCH_NAME: 'PR-7', CHANGE_ID: '7'])
    assert build.result == 'SUCCESS'
    assert calls[0] == 'docker build --tag spyre-runtime:pr-7-1 --file docker/runtime/Dockerfile .'
    assert calls.count { it.endsWith('ci/unit-tests') } == 2
    assert calls.any { it.endsWith('ci/integration-tests --without-device') }
    assert calls.any { it.contains('--device /dev/vfio') }
    List branches = ['runtime', 'torch-spyre', null, 'torch-spyre with a device', 'shard 0']
    assert build.did('junit')*.branch.toSet() == branches as Set
    assert build.declared.options.find { it.name == 'disableConcurrentBuilds' }.arguments == [abortPrevious: true]
  }

  void testABrokenComponentKeepsDevicesFree() {
    engine('case "$*" in *ci/unit-tests) exit 1;; esac')
    Build build = pipeline('stack-pr', CPU + [COMPONENTS: 'runtime'])
    assert build.result == 'FAILURE'
    assert !calls.any { it.contains('/dev/vfio') }
    assert !build.did('sh').any { it.script.contains('--shard') }
  }

  void testAReleaseIsPushedWhenAllPassed() {
    engine()
    controller.credentials['spyre-registry'] = 'robot:s3cret'
    Build build = pipeline('release', RELEASE)
    assert build.result == 'SUCCESS'
    assert build.displayName == '1.2.3'
    assert calls.findAll { it.startsWith('docker push') } == ['docker push registry.test/spyre/spyre-ci-agent:1.2.3',
                                                              'docker push registry.test/spyre/spyre-ci-runtime:1.2.3']
    assert calls.find { it.contains('login') } == 'docker login --username robot --password-stdin registry.test'
    assert !build.log.any { it.contains('s3cret') }
    assert !calls.any { it.contains('s3cret') }
  }

  void testAReleaseWithAFailedTestIsNotPushed() {
    engine()
    breakTests()
    Build build = pipeline('release', RELEASE)
    assert build.result == 'UNSTABLE'
    assert build.did('skipped')*.name == ['Images']
    assert !calls.any { it.contains('push') }
  }

  void testAReleaseHasTheVersionOfTheProgram() {
    engine()
    Build build = pipeline('release', RELEASE + [VERSION: '1.2.4-rc.1'])
    assert build.result == 'FAILURE'
    assert build.log.contains('1.2.4-rc.1 is not the version that CMakeLists.txt gives')
    assert build.did('stage')*.name == ['Version']
  }

  void testAReleaseNeedsASemanticVersion() {
    ['', '1.2', 'v1.2.3', '1.2.3 ', '01.2.3', '1.2.3;rm'].each {
      Build build = pipeline('release', RELEASE + [VERSION: it])
      assert build.result == 'FAILURE'
      assert !build.did('sh')
    }
  }

  void testMaintenance() {
    Build build = pipeline('maintenance', [:])
    assert build.result == 'SUCCESS'
    assert build.did('node')*.name as Set == ['one', 'two', 'control'] as Set
    assert build.did('sh').any { it.script.contains('history prune') && it.node == 'control' }
    ['one', 'two'].each { assert new File(root, "nodes/${it}/workspace/maintenance/pytorch/test/test_a.py").file }
  }

  void testMaintenanceTellsWhatANodeLacks() {
    File config = new File(root, 'spyre-ci.yaml')
    config.text = config.text.replace('/usr/bin/python3', '/no/such/python3')
    Build build = pipeline('maintenance', [NOTIFY: 'team@example.org'])
    assert build.result == 'UNSTABLE'
    assert build.did('unstable')*.message.toSorted() == ['one: something is missing, see the log',
                                                         'two: something is missing, see the log']
    assert build.did('mail').size() == 1
  }

  private static final Map RELEASE = CPU + [VERSION: '1.2.3', REGISTRY: 'registry.test/spyre']

  private Build pipeline(String name, Map parameters, Map environment = [:]) {
    run(job: name, parameters: parameters, environment: environment, new File(FOLDER, "${name}.Jenkinsfile"))
  }

  /** All that a container engine would leave: the files of the tests that ran in it. */
  private void engine(String more = ':') {
    standIn('docker', """${more}
folder=\$(printf '%s' "\$*" | sed -n 's|.* --workdir /stack/\\([^ ]*\\) .*|\\1|p')
[ -n "\$folder" ] || { cat >/dev/null; exit 0; }
mkdir -p "\$folder/test-results"
for name in unit without-device with-device; do
  echo '<testsuite tests="1"><testcase classname="c" name="n"/></testsuite>' >"\$folder/test-results/\$name.xml"
done""")
    // The one line of a release's checkout in which its version is.
    String line = new File(PROJECT, 'CMakeLists.txt').readLines().find { it.startsWith('project(') }
    new File(controller.scm, 'CMakeLists.txt').text = line.replaceAll(/VERSION \S+ /, 'VERSION 1.2.3 ')
    new File(controller.scm, 'scripts').mkdirs()
    File script = new File(controller.scm, 'scripts/test.sh')
    script.text = '#!/bin/sh\nexit 0\n'
    script.setExecutable(true)
    git(controller.scm, 'init', '-q')
    git(controller.scm, 'add', '-A')
    git(controller.scm, '-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', 'commit', '-q', '-m', 'one')
  }

  private void breakTests() {
    File tree = new File(root, 'pytorch')
    new File(tree, 'test').eachFile { it.text = it.text.replace('assert True', 'assert False') }
    git(tree, '-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', 'commit', '-q', '-a', '-m', 'two')
    git(tree, 'tag', '-f', 'v1')
  }
}
