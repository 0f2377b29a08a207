// SPDX-License-Identifier: Apache-2.0
package harness

class CurrentBuild {
  private final Build build

  CurrentBuild(Build build) { this.build = build }

  Object getProperty(String name) {
    switch (name) {
      case 'currentResult': return build.result
      case 'result': return build.result == 'SUCCESS' ? null : build.result
      case 'description': return build.description
      case 'number': return build.number
      case 'displayName': return build.displayName ?: "#${build.number}"
      case 'previousBuild':
        return build.number > 1 ? [result: build.controller.builds[build.job][build.number - 2].result] : null
    }
    throw new PipelineError("currentBuild has no '${name}' here")
  }

  void setProperty(String name, Object value) {
    switch (name) {
      case 'result': build.worsen(value as String); return
      case 'description': build.description = value; return
      case 'displayName': build.displayName = value as String; return
    }
    throw new PipelineError("currentBuild has no '${name}' to set here")
  }
}
