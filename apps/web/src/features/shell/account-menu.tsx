'use client'

import { ChevronsUpDown, LogOut } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { AuthRefused, signOut } from '../auth/auth-client.ts'
import { forgetUnsent } from '../chat/unsent.ts'
import { announceGap, feedNameOf } from '../feed/shared-feed.ts'
import { useMe } from '../session/use-me.ts'
import { WorkspaceSwitch } from './workspace-switch.tsx'
import { Menu, MenuHeading, MenuItem, MenuRadios, MenuSeparator } from '../ui/menu.tsx'
import { notify } from '../ui/toast.tsx'
import { chooseTheme, currentTheme, type Theme } from './theme.ts'

const THEMES: readonly Theme[] = ['system', 'light', 'dark']

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()

export const AccountMenu = () => {
  const me = useMe()
  const [theme, setTheme] = useState<Theme>(() => (typeof document === 'undefined' ? 'system' : currentTheme()))
  const pick = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  const leave = async () => {
    try {
      await signOut()
      announceGap(feedNameOf(me)) // other tabs find out at once, and show nothing of this person's any more
      forgetUnsent()
      window.location.assign('/sign-in') // a full load: nothing of this person stays in memory
    } catch (error) {
      notify({ title: error instanceof AuthRefused ? error.message : t('error.unknown.message'), tone: 'danger' })
    }
  }
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button type="button" className="flex w-full items-center gap-2.5 rounded-lg p-1.5 text-start hover:bg-hover">
          <span
            aria-hidden
            className="grid size-8 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
          >
            {initials(me.name)}
          </span>
          <span className="sr-only">{t('shell.account')}</span>
          <span className="min-w-0 flex-1 leading-tight" dir="auto">
            <span className="block truncate text-[0.8125rem] font-medium">{me.name}</span>
            <span className="block truncate text-xs text-ink-3">{me.organisation.name}</span>
          </span>
          <ChevronsUpDown className="size-4 shrink-0 text-ink-3" aria-hidden />
        </button>
      }
    >
      <MenuHeading>
        <span className="block truncate">{me.email ?? me.name}</span>
        <span className="block">{t('shell.role', { role: t(`role.${me.role}`) })}</span>
      </MenuHeading>
      <WorkspaceSwitch />
      <MenuSeparator />
      <MenuHeading>{t('shell.theme')}</MenuHeading>
      <MenuRadios
        label={t('shell.theme')}
        value={theme}
        onValueChange={pick}
        options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
      />
      <MenuSeparator />
      <MenuItem onClick={() => void leave()}>
        <LogOut className="size-4 text-ink-2" aria-hidden />
        {t('shell.signOut')}
      </MenuItem>
    </Menu>
  )
}
