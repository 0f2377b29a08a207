// SPDX-License-Identifier: Apache-2.0
package harness

import java.lang.annotation.ElementType
import java.lang.annotation.Retention
import java.lang.annotation.RetentionPolicy
import java.lang.annotation.Target

/** `@Library('name@version') _` of a Jenkinsfile. */
@Retention(RetentionPolicy.RUNTIME)
@Target([ElementType.LOCAL_VARIABLE, ElementType.FIELD, ElementType.TYPE, ElementType.PACKAGE])
@interface Library {
  String[] value()
}
