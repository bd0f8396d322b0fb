/** What a Workers VPC service is to its caller: host and port are its own, the URL only names who is to answer. */
export default {
  fetch(request: Request, { TARGET }: { TARGET: string }): Promise<Response> {
    const { host, pathname, search } = new URL(request.url)
    const passed = new Request(TARGET + pathname + search, request)
    passed.headers.set('x-asked-for', host)
    return fetch(passed)
  },
}
