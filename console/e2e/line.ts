/** A line to the service that can be cut: every connection at once, and no new ones until it is mended. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class Line {
  readonly #sockets = new Set<Socket>()
  #up = true

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async to(service: string): Promise<Line> {
    const { hostname, port } = new URL(service)
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const line = new Line(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.on('connection', (near) => {
      if (!line.#up) return void near.destroy()
      const far = connect(Number(port), hostname)
      for (const [one, other] of [[near, far], [far, near]] as const) {
        line.#sockets.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => line.#sockets.delete(one))
        one.pipe(other)
      }
    })
    return line
  }

  cut(): void {
    this.#up = false
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#up = true
  }

  async end(): Promise<void> {
    this.cut()
    await new Promise((closed) => this.server.close(closed))
  }
}
