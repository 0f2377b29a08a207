// SPDX-License-Identifier: Apache-2.0
// Job DSL: a job for every Jenkinsfile of pipelines/jenkins. Schedules, parameters and limits are in the Jenkinsfiles: a job
// has them once it was built. So each is queued for a build with SETUP_ONLY, which the Jenkinsfile itself sets to false.
String repository = SPYRE_CI_REPOSITORY
String version = SPYRE_CI_VERSION
String stack = SPYRE_STACK_REPOSITORY

folder('spyre') {
  displayName('Spyre')
  description('PyTorch\'s tests on Spyre cards')
}

[
    'nightly-pinned': 'Every night: the pinned PyTorch',
    'upstream-main' : 'Every week: PyTorch\'s main',
    'staged'        : 'Four times a day: the larger stages',
    'upstream-pr'   : 'Pull requests of PyTorch, told of by the relay',
    'release'       : 'By hand: a release',
    'maintenance'   : 'Every day: mirrors, nodes, history',
].each { name, text ->
  pipelineJob("spyre/${name}") {
    description(text)
    parameters { booleanParam('SETUP_ONLY', true, 'Only set parameters and schedule; run nothing') }
    definition {
      cpsScm {
        lightweight(true)
        scriptPath("pipelines/jenkins/${name}.Jenkinsfile")
        scm {
          git {
            remote { url(repository) }
            branch(version)
          }
        }
      }
    }
  }
  queue("spyre/${name}")
}

if (stack) {
  multibranchPipelineJob('spyre/stack-pr') {
    description('Pull requests to the internal stack. Its repository has the Jenkinsfile.')
    branchSources {
      git {
        id('spyre-stack')
        remote(stack)
      }
    }
    factory { workflowBranchProjectFactory { scriptPath('Jenkinsfile') } }
    orphanedItemStrategy { discardOldItems { numToKeep(20) } }
    triggers { periodicFolderTrigger { interval('15m') } }
  }
}
