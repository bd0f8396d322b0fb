/** The one class of the Workers runtime that we extend, for the compiler. Its whole types as globals would replace Node's. */
declare module 'cloudflare:workers' {
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: import('@cloudflare/workers-types').DurableObjectState
    protected readonly env: Env
    constructor(ctx: import('@cloudflare/workers-types').DurableObjectState, env: Env)
  }
}
