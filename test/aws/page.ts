/** A function for tests behind a function URL: tells what it was asked. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda'

export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  if (event.rawPath === '/fail') throw new Error('a secret of the function')
  if (event.rawPath === '/plain') return { answer: 42 } as LambdaFunctionURLResult
  if (event.rawPath === '/bytes')
    return {
      statusCode: 201,
      headers: { 'content-type': 'application/octet-stream', 'x-count': 3 },
      cookies: ['a=1; Path=/', 'b=2'],
      body: event.isBase64Encoded ? (event.body ?? '') : Buffer.from('none').toString('base64'),
      isBase64Encoded: true,
    }
  return { statusCode: 200, body: JSON.stringify(event), headers: { 'content-type': 'application/json' } }
}
