/** A function for tests that cannot start. */
throw new SyntaxError('no such setting: FAIRLEAD_SQS_READY')
