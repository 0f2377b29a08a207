// SPDX-License-Identifier: Apache-2.0
import harness.Build
import harness.Case
import harness.Cron
import harness.PipelineError

/** The harness itself: what a controller refuses, it refuses too; what a controller does, it does. */
class DeclarativeCase extends Case {
  private static final String STAGES = "stages { stage('a') { steps { echo 'a' } } }"

  void setUp() {
    super.setUp()
    controller.addNode('one', labels: ['linux'])
  }

  void testUnknownStepsAreErrors() {
    refused("node { shell 'ls' }", "No such DSL method 'shell'")
    refused(stage("steps { shell 'ls' }"), "No such DSL method 'shell'")
  }

  void testUnknownParametersOfStepsAreErrors() {
    refused("node { sh script: 'ls', quiet: true }", "sh: unknown parameter 'quiet'")
    refused("node { junit testResults: '*.xml', allowEmpty: true }", "unknown parameter 'allowEmpty'")
    refused("timeout(time: '5') { }", 'timeout: time is a String')
    refused("echo()", 'echo: message is missing')
    refused("node { sh 'a', 'b' }", 'too many arguments')
    refused("retry(2)", 'retry needs a block')
    refused("echo('a') { }", 'echo takes no block')
    refused("retry(count: 2, conditions: ['rain']) { }", "'rain' is no condition")
    refused("timeout(time: 5, unit: 'FORTNIGHTS') { }", 'is no unit of time')
  }

  void testStepsThatNeedANodeSayThat() { refused("sh 'ls'", 'sh needs a node') }

  void testNoNodeOfThatLabel() { refused("node('moon') { }", "no node has the label 'moon'") }

  void testUnknownSectionsAreErrors() {
    refused('pipeline { agent any\n stage("a") { } }', "pipeline: unknown section, option or step 'stage'")
    refused(stage("steps { echo 'a' }\n notify { }"), "stage 'a': unknown section, option or step 'notify'")
    refused("pipeline { agent any\n ${STAGES}\n post { sometimes { echo 'b' } } }", 'sometimes')
    refused("pipeline { agent any\n options { speed(9) }\n ${STAGES} }", 'speed')
    refused("pipeline { agent any\n options { disableConcurrentBuilds(abort: true) }\n ${STAGES} }",
            "unknown parameter 'abort'")
    refused("pipeline { agent { labels 'x' }\n ${STAGES} }", 'labels')
    refused("pipeline { agent any\n triggers { cron('H 2 * *') }\n ${STAGES} }", '4 fields')
    refused("pipeline { agent any\n parameters { number(name: 'N') }\n ${STAGES} }", 'number')
    refused(stage("when { moon 'full' }\n steps { echo 'a' }"), 'moon')
  }

  void testEmptyAndMissingPartsAreErrors() {
    refused('pipeline { }', 'pipeline is empty')
    refused("pipeline { ${STAGES} }", 'no agent')
    refused('pipeline { agent any }', 'no stages')
    refused('pipeline { agent any\n stages { } }', 'stages is empty')
    refused('pipeline { agent any\n stages { stage("a") { } } }', "stage 'a' is empty")
    refused(stage('when { branch "main" }'), 'one of steps')
    refused(stage("steps { echo 'a' }\n parallel { stage('b') { steps { echo 'b' } } }"), 'one of steps')
    refused(stage('parallel { }'), 'parallel is empty')
    refused(stage("steps { echo 'a' }\n steps { echo 'b' }"), 'there twice')
    refused(stage("steps { echo 'a' }\n post { }"), 'post is empty')
    refused(stage("steps { echo 'a' } }\n stage('a') { steps { echo 'b' }"), 'two stages')
    refused('parallel([:])', 'no branches')
  }

  void testAWrongStageAnywhereKeepsAllFromRunning() {
    Build build = run("pipeline { agent any\n stages { stage('a') { steps { echo 'done' } }\n stage('b') { } } }")
    assert build.failure instanceof PipelineError
    assert !build.log.contains('done')
  }

  void testPostRunsByResult() {
    String pipeline = stage("steps { %s }\n post { always { echo 'always' }\n failure { echo 'bad' }\n " +
                            "unstable { echo 'so' }\n success { echo 'good' }\n changed { echo 'other' }\n " +
                            "cleanup { echo 'last' } }")
    assert said(String.format(pipeline, "echo '1'")) == ['always', 'good', 'last']
    assert said(String.format(pipeline, "unstable '2'")) == ['always', 'other', 'so', 'last']
    assert said(String.format(pipeline, "error '3'")) == ['always', 'other', 'bad', 'last']
    assert builds*.result == ['SUCCESS', 'UNSTABLE', 'FAILURE']
  }

  void testAFailedStageKeepsTheNextFromRunning() {
    Build build = run(stage("steps { sh 'exit 3' } }\n stage('b') { steps { echo 'b' }"))
    assert build.result == 'FAILURE'
    assert build.did('stage')*.name == ['a']
    assert build.log.any { it.contains('script returned exit code 3') }
  }

  void testParametersEnvironmentAndWhen() {
    Build build = run(parameters: [HOW: 'well'], """pipeline {
      agent { label 'linux' }
      parameters { string(name: 'HOW', defaultValue: 'badly', description: '')
                   choice(name: 'WHICH', choices: ['a', 'b'], description: '') }
      environment { GREETING = "hello \${params.HOW}" }
      stages {
        stage('said') { steps { sh 'echo "\$GREETING"' } }
        stage('not') { when { expression { params.WHICH == 'b' } }\n steps { error 'no' } }
        stage('yes') { when { not { changeRequest() } }\n steps { echo 'yes' } }
      } }""")
    assert build.result == 'SUCCESS'
    assert build.log.contains('hello well')
    assert build.did('skipped')*.name == ['not']
  }

  void testParametersAreNoEnvironmentVariablesBeforeTheJobHasThem() {
    String pipeline = """pipeline {
      agent any
      parameters { string(name: 'HOW', defaultValue: 'well', description: '') }
      environment { TOLD = "\${params.HOW}" }
      stages { stage('a') { steps { sh 'echo "in the shell: \$HOW; told: \$TOLD"' } } } }"""
    assert run(pipeline).log.contains('in the shell: ; told: well')
    assert run(pipeline).log.contains('in the shell: well; told: well')
    assert run(parameters: [HOW: 'badly', WHO: 'me'], pipeline).log.contains('in the shell: badly; told: badly')
    assert builds[-1].parameters == [HOW: 'badly']
  }

  void testParametersThatNoJenkinsfileDeclaresAreKept() {
    String pipeline = "pipeline { agent any\n parameters { %s }\n ${STAGES} }"
    controller.definitions.job = [[name: 'MINE', value: 'kept'], [name: 'HOW', value: 'replaced']]
    run(String.format(pipeline, "string(name: 'HOW', defaultValue: 'well')"))
    run(String.format(pipeline, "string(name: 'WHO', defaultValue: 'me')"))
    assert run("pipeline { agent any\n ${STAGES} }").parameters == [MINE: 'kept', WHO: 'me']
    assert builds*.parameters[0..1] == [[MINE: 'kept', HOW: 'replaced'], [MINE: 'kept', HOW: 'well']]
  }

  void testASkippedStageTakesANodeUnlessItIsToldNotTo() {
    String stage = "pipeline { agent none\n stages { stage('a') { agent any\n when { %s expression { false } }\n " +
        "steps { echo 'ran' }\n post { always { echo 'after' } } } } }"
    assert run(String.format(stage, '')).did('node').size() == 1
    assert !run(String.format(stage, 'beforeAgent true\n')).did('node')
    assert builds*.did('skipped')*.name == [['a'], ['a']]
    assert !builds*.log.flatten().intersect(['ran', 'after'])
  }

  void testParallelStagesRunToTheirEnd() {
    Build build = run(stage("""parallel {
      stage('bad') { steps { error 'first' } }
      stage('slow') { steps { sh 'sleep 0.3'\n echo 'still here' } } }"""))
    assert build.result == 'FAILURE'
    assert build.log.contains('[slow] still here')
  }

  void testCronFields() {
    ['H 2 * * *', 'H H/6 * * *', 'H H(0-7) * * 1-5', '0,30 * 1 * 7'].each { Cron.check(it) }
    ['61 * * * *', 'H 2 * *', 'h 2 * * *', 'H 2 * * 8', 'H(0-70) 2 * * *', ''].each { String wrong ->
      PipelineError refusal = null
      try {
        Cron.check(wrong)
      } catch (PipelineError thrown) {
        refusal = thrown
      }
      assert refusal: wrong
    }
  }

  void testAbortGivesProcessesTimeThenKillsThem() {
    File said = new File(root, 'said')
    controller.onShell = { Build build, shell, node, String script ->
      if (!script.contains('sleep')) return
      eventually('it runs') { new File(root, 'ready').exists() }
      build.abort()
    }
    Build build = run("""node {
      sh "trap 'echo asked >${said}' TERM; touch ${root}/ready; while :; do sleep 0.1 || :; done"
    }""")
    assert build.result == 'ABORTED'
    assert said.text == 'asked\n'
    assert !controller.leftProcesses()
  }

  void testProcessesLeftBehindEndWithTheNode() {
    Build build = run("node { sh 'JENKINS_SERVER_COOKIE= sleep 300 & echo left' }")
    assert build.result == 'SUCCESS'
    eventually('what was killed is gone') { !controller.leftProcesses() }
  }

  private static String stage(String inside) { "pipeline { agent any\n stages { stage('a') { ${inside} } } }" }

  private void refused(String pipeline, String why) {
    Build build = run(pipeline)
    assert build.failure instanceof PipelineError
    assert build.failure.message.contains(why)
  }

  private List<String> said(String pipeline) {
    run(pipeline).log.findAll { it in ['always', 'bad', 'so', 'good', 'other', 'last'] }
  }
}
