// SPDX-License-Identifier: Apache-2.0
import harness.Case
import harness.JobDsl
import harness.PipelineError

/** The seed makes a job of every Jenkinsfile; the stand-in of Job DSL refuses what is not Job DSL. */
class SeedCase extends Case {
  private static final String SEED = new File(PROJECT, 'jenkins/jobs/seed.groovy').text
  private static final Map VARIABLES = [SPYRE_CI_REPOSITORY: 'https://git.test/ci', SPYRE_CI_VERSION: 'v1',
                                        SPYRE_STACK_REPOSITORY: 'https://git.test/stack']

  void testAJobOfEveryJenkinsfile() {
    List jobs = JobDsl.run(SEED, VARIABLES)
    File project = PROJECT
    List files = new File(project, 'pipelines/jenkins').list().findAll { it.endsWith('.Jenkinsfile') }
    List names = files.collect { "spyre/${it - '.Jenkinsfile'}".toString() }
    assert jobs.findAll { it.kind != 'folder' }*.name.sort() == names.sort()
    jobs.findAll { it.kind == 'pipelineJob' }.each {
      assert new File(project, it['definition.cpsScm.scriptPath']).file
      assert it['definition.cpsScm.scm.git.remote.url'] == 'https://git.test/ci'
      assert it['definition.cpsScm.scm.git.branch'] == 'v1'
      assert it.description
    }
  }

  void testNoStackNoJobForIt() {
    List jobs = JobDsl.run(SEED, VARIABLES + [SPYRE_STACK_REPOSITORY: ''])
    assert !jobs.any { it.kind == 'multibranchPipelineJob' }
  }

  void testWhatIsNotJobDslIsRefused() {
    refused(SEED.replace('scriptPath(', 'script('), "'definition.cpsScm.script' is unknown")
    refused(SEED.replace('pipelineJob(', 'pipeline('), "no 'pipeline'")
    refused(SEED.replace("folder('spyre')", "folder('other')"), "no folder 'spyre'")
    refused(SEED.replace('lightweight(true)', 'lightweight()'), 'takes one value')
  }

  private static void refused(String seed, String why) {
    PipelineError refusal = null
    try {
      JobDsl.run(seed, VARIABLES)
    } catch (PipelineError thrown) {
      refusal = thrown
    }
    assert refusal?.message?.contains(why)
  }
}
