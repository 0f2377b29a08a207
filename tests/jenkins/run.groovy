// SPDX-License-Identifier: Apache-2.0
// Runs every `test…` method of cases/*.groovy, or of those named; one line each, exit code 1 when one failed.
import harness.Case
import org.codehaus.groovy.runtime.StackTraceUtils

File here = new File(System.getProperty('spyre.project'), 'tests/jenkins')
String only = args ? args[0] : ''
GroovyClassLoader loader = new GroovyClassLoader(this.class.classLoader)
int failed = 0
int ran = 0
new File(here, 'cases').listFiles().findAll { it.name.endsWith('.groovy') }.sort().each { File file ->
  Class type = loader.parseClass(file)
  List names = type.declaredMethods*.name.findAll { it.startsWith('test') && !it.contains('$') }
  names.unique().sort().each { String name ->
    if (only && !"${file.name} ${name}".contains(only)) return
    ran++
    long start = System.nanoTime()
    Case test = type.newInstance() as Case
    try {
      test.setUp()
      test."$name"()
      test.checkEnd()
      println "ok      ${file.name} ${name} (${(System.nanoTime() - start).intdiv(1_000_000)} ms)"
    } catch (Throwable thrown) {
      failed++
      println "FAILED  ${file.name} ${name}"
      println thrown instanceof AssertionError ? thrown.message : StackTraceUtils.deepSanitize(thrown)
      thrown.stackTrace.findAll { it.fileName?.endsWith('.groovy') }.take(8).each { println "    at ${it}" }
      test.builds.each { println "--- log of ${it.job} ${it.number} (${it.result})\n${it.log.join('\n')}" }
    } finally {
      test.tearDown()
    }
  }
}
println "${ran} cases, ${failed} failed"
System.exit(failed || !ran ? 1 : 0)
