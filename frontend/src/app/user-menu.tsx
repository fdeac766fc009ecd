import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { CheckIcon, ChevronDownIcon, HelpIcon, KeyboardIcon, LogoutIcon, MonitorIcon, MoonIcon, SunIcon, UserIcon } from '@/components/icons';
import type { User } from '@/lib/transport/api-types';
import { language, LANGUAGES, type Language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import { chooseLanguage, chooseTheme, type Theme } from '@/lib/session/choices';
import { session } from '@/lib/session/session';
import { paths } from './paths';
import classes from './user-menu.module.css';

const themes: { value: Theme; label: string; icon: typeof SunIcon }[] = [
  { value: 'light', label: t.account.themes.light, icon: SunIcon },
  { value: 'dark', label: t.account.themes.dark, icon: MoonIcon },
  { value: 'auto', label: t.account.themes.auto, icon: MonitorIcon },
];

function displayName(user: User): string {
  return `${user.first_name} ${user.last_name}`.trim() || user.username;
}

export function UserMenu({ user, onShortcuts }: { user: User; onShortcuts: () => void }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [leaving, setLeaving] = useState(false);
  const name = displayName(user);

  const logout = () => {
    setLeaving(true);
    // Reachable or not: this tab has forgotten the session by then.
    session.logout().catch(() => undefined);
  };

  return (
    <Menu position="bottom-end" width={248} withInitialFocusPlaceholder={false} checkIcon={<CheckIcon size={16} />}>
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={`${t.account.menu}, ${name}`} data-testid="user-menu">
          <span className={classes.initial} data-initial={name.slice(0, 1).toUpperCase()} aria-hidden />
          <span className={classes.name}>{name}</span>
          <ChevronDownIcon size={16} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={classes.who}>
          <strong>{name}</strong>
          <span>
            {name === user.username ? '' : `${user.username} · `}
            {t.account.roles[user.role]}
          </span>
        </Menu.Label>
        <Menu.Item component={Link} to={paths.account} rightSection={<UserIcon size={16} />} data-testid="own-account">
          {t.account.own}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.account.theme}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => chooseTheme(value as Theme, setColorScheme)}>
          {themes.map(({ value, label, icon: Icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={<Icon size={16} />}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t.account.language}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={(value) => void chooseLanguage(value as Language)}>
          {LANGUAGES.map((choice) => (
            <Menu.RadioItem key={choice} value={choice} lang={choice} data-testid={`language-${choice}`}>
              {t.account.languages[choice]}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item component={Link} to={paths.help} rightSection={<HelpIcon size={16} />} data-testid="help">
          {t.account.help}
        </Menu.Item>
        <Menu.Item rightSection={<KeyboardIcon size={16} />} onClick={onShortcuts} data-testid="shortcuts-list">
          {t.account.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item rightSection={<LogoutIcon size={16} />} disabled={leaving} onClick={logout} data-testid="logout">
          {t.account.logout}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
