const listeners = new Set<() => void>()

/** Tells whoever waits for documents in this tab that some have changed; which, and how, they read themselves. */
export const documentChanges = {
  tell: (): void => {
    for (const listener of listeners) listener()
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  },
}
