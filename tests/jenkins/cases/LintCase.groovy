// SPDX-License-Identifier: Apache-2.0
import groovy.io.FileType
import harness.Case
import harness.CpsLint
import harness.DeclarativeLint

/** What goes wrong only on a real controller is looked for in all Groovy of ours; and the search itself is tried. */
class LintCase extends Case {
  private static List<File> ours(String folder, String suffix) {
    List<File> found = []
    new File(PROJECT, folder).eachFileRecurse(FileType.FILES) { if (it.name.endsWith(suffix)) found << it }
    assert found
    return found
  }

  void testTheLibraryHasNoTraps() {
    (ours('jenkins/vars', '.groovy') + ours('jenkins/src', '.groovy')).each { File file ->
      assert !CpsLint.check(file.text): file.path
    }
  }

  void testEveryStepHasItsHelp() {
    ours('jenkins/vars', '.groovy').each { File file ->
      File help = new File(file.parentFile, file.name.replace('.groovy', '.txt'))
      assert help.exists()
      assert help.text.contains("${file.name - '.groovy'}(")
      // Every argument that the step takes is explained.
      (file.text.find(/(?s)Arguments\.of\(.*?\]\)/) ?: '').findAll(/(\w+): /)*.minus(': ').each {
        assert help.text.contains(it): "${help}: nothing of ${it}"
      }
    }
  }

  void testItFindsAStoredMatcher() { assertTrap('def call() { def m = "a1" =~ /(\\d)/; echo(m[0][1]) }', 'Matcher') }

  void testItFindsAStoredJsonSlurper() {
    assertTrap('def call() { new groovy.json.JsonSlurper().parseText("{}") }', 'JsonSlurper')
  }

  void testItFindsClosuresOfGroovysMethods() {
    assertTrap('def call(list) { list.each { sh(it) } }', 'each with a closure')
    assertTrap('def call(list) { list.toSorted { a, b -> a <=> b } }', 'toSorted with a closure')
    assertTrap('def call(list) { list.sort(order) }', 'sort with a comparison')
  }

  void testItFindsLoopVariablesInBranches() {
    assertTrap('def call(list) { def b = [:]; for (x in list) { b[x] = { sh(x) } }; parallel(b) }', "the last 'x'")
    assertTrap('def call() { def b = [:]; for (int i = 0; i < 3; i++) { b["$i"] = { sh("$i") } } }', "'i'")
  }

  void testItFindsStepsInPureMethods() {
    assertTrap('@NonCPS def call() { echo("a") }', 'the step echo')
    assertTrap('@NonCPS def call() { helper() }\ndef helper() { sh("a") }', 'helper is not @NonCPS')
  }

  void testItFindsWorkInConstructors() {
    assertTrap('class A implements Serializable { A() { prepare() }\n void prepare() {} }', 'in a constructor')
  }

  void testItFindsClassesThatCannotBeStored() { assertTrap('class A { int a }', 'not Serializable') }

  void testItFindsWorkOnTheController() {
    assertTrap('def call() { new File("a").text }', 'on the controller')
    assertTrap('def call() { println("a") }', 'echo')
  }

  void testItLetsGoodCodePass() {
    assert !CpsLint.check('''
def call(List list) {
  Map branches = [:]
  for (x in list) {
    def mine = x
    branches[mine] = { sh(mine) }
  }
  parallel(branches)
}
@NonCPS
def pure(List list) { list.collect { it.trim() }.sort { a, b -> a <=> b } }
''')
  }

  void testStepsHoldStepsAlone() {
    assert DeclarativeLint.check("pipeline { stages { stage('a') { steps { def x = 1 } } } }")
    assert DeclarativeLint.check("pipeline { stages { stage('a') { steps { if (true) { echo 'a' } } } } }")
    assert DeclarativeLint.check("pipeline { stages { stage('a') { steps { dir('x') { y = 1 } } } } }")
    assert DeclarativeLint.check("pipeline { stages { stage('a') { steps { } } } }")
    assert DeclarativeLint.check("pipeline { post { always { x.y() } } }")
    assert !DeclarativeLint.check("pipeline { stages { stage('a') { steps { echo 'a'\n script { def x = 1 } } } } }")
  }

  private static void assertTrap(String source, String expected) {
    List found = CpsLint.check(source)
    assert found.any { it.contains(expected) }
  }
}
