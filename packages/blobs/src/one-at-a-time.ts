import { AppError } from '@quarry/contracts'

/** Runs one piece of work per name; whoever comes while another is at it is told AppError('conflict') with the offset. */
export const oneAtATime = (offsetOf: (name: string) => Promise<number>) => {
  const busy = new Set<string>()
  return {
    isBusy: (name: string): boolean => busy.has(name),
    run: async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      if (busy.has(name)) throw new AppError('conflict', { details: { offset: await offsetOf(name) } })
      busy.add(name)
      try {
        return await work()
      } finally {
        busy.delete(name)
      }
    },
  }
}
