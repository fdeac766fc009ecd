import { SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { changeLanguage, language, LANGUAGES, type Language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import classes from './login-page.module.css';

const THEMES: readonly MantineColorScheme[] = ['light', 'dark', 'auto'];

/** Language and theme before there is an account that keeps them: this browser does. */
export function LookChoices() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.look}>
      <SegmentedControl
        size="xs"
        aria-label={t.account.language}
        value={language}
        onChange={(value) => changeLanguage(value as Language)}
        data={LANGUAGES.map((choice) => ({ value: choice, label: <span lang={choice}>{t.account.languages[choice]}</span> }))}
        data-testid="login-language"
      />
      <SegmentedControl
        size="xs"
        aria-label={t.account.theme}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
        data={THEMES.map((theme) => ({ value: theme, label: t.account.themes[theme] }))}
        data-testid="login-theme"
      />
    </div>
  );
}
