// SPDX-License-Identifier: Apache-2.0
package harness

/** One block of a job: its methods, and where in the job it is. */
class JobDslBlock {
  private final Map methods
  private final String path
  private final Map job
  private final Closure read

  JobDslBlock(Map methods, String path, Map job, Closure read) {
    this.methods = methods
    this.path = path
    this.job = job
    this.read = read
  }

  Object invokeMethod(String name, Object given) {
    List arguments = (given as Object[]) as List
    String where = path ? "${path}.${name}" : name
    if (!methods.containsKey(name)) {
      throw new PipelineError("${job.name}: '${where}' is unknown; there are ${methods.keySet().join(', ')}")
    }
    boolean block = methods[name] instanceof Map
    int count = methods[name] instanceof Integer ? methods[name] : 1
    if (arguments.size() != count || block != (arguments[0] instanceof Closure)) {
      throw new PipelineError("${job.name}: ${where} takes ${block ? 'a block' : count == 1 ? 'one value' : "${count} values"}")
    }
    if (block) {
      read(arguments[0], methods[name], where, job)
    } else if (count > 1) {
      job[where] = (job[where] ?: []) << arguments
    } else {
      job[where] = arguments[0] instanceof CharSequence ? arguments[0].toString() : arguments[0]
    }
    return null
  }
}
