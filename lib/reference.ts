/**
 * Settings that say where their value is. Apart from what reads them (`lib/aws/references.ts`): functions ask this before they
 * load it.
 */

/** Whether a setting says where its value is (SSM, Secrets Manager) and is not the value itself. */
export const isReference = (text: string): boolean => /^(ssm|secretsmanager):./.test(text)
