/** `system` is the absence of a choice. */
export type Theme = 'system' | 'light' | 'dark'

/** Read by the server for the first byte of the page, so that it never flashes in the wrong colours. */
export const THEME_COOKIE = 'quarry-theme'

const YEAR_SECONDS = 365 * 24 * 3600

export const parseTheme = (value: string | undefined): Theme =>
  value === 'light' || value === 'dark' ? value : 'system'

/** Applies a choice to this page and remembers it for the next. */
export const chooseTheme = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  const maxAge = theme === 'system' ? 0 : YEAR_SECONDS
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${maxAge}; samesite=lax`
}

export const currentTheme = (): Theme => parseTheme(document.documentElement.dataset['theme'])
