/** Runs one at a time over the tabs of a browser; where it has no locks (plain http on another host), in this tab. */
export const aloneIn =
  (name: string) =>
  async (ifFree: boolean, run: () => Promise<void>): Promise<void> => {
    if (navigator.locks === undefined) return run()
    await navigator.locks.request(name, { ifAvailable: ifFree }, (lock) => (lock === null ? Promise.resolve() : run()))
  }
