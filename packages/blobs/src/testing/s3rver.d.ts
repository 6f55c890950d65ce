declare module '@20minutes/s3rver' {
  import type { RequestListener } from 'node:http'

  /** The part of it that we use; the package brings no types. */
  export default class S3rver {
    constructor(options: {
      readonly silent: boolean
      readonly directory: string
      readonly configureBuckets: readonly { readonly name: string }[]
    })
    configureBuckets(): Promise<unknown>
    callback(): RequestListener
    readonly logger: { readonly exceptions: { unhandle(): void }; close(): void }
  }
}
