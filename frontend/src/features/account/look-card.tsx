import { SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { Card } from '@/components/card';
import { accountMessages } from '@/lib/i18n/account';
import { language, LANGUAGES, type Language } from '@/lib/i18n/language';
import { t } from '@/lib/i18n/messages';
import { chooseLanguage, chooseTheme, type Theme } from '@/lib/session/choices';
import classes from './profile-page.module.css';

const THEMES: readonly Theme[] = ['light', 'dark', 'auto'];

/** Language and theme, which change at once. */
export function LookCard() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card title={accountMessages.look.title} testId="own-look">
      <div className={classes.form}>
        <p className={classes.lead}>{accountMessages.look.lead}</p>
        <SegmentedControl
          aria-label={t.account.language}
          value={language}
          onChange={(value) => void chooseLanguage(value as Language)}
          data={LANGUAGES.map((choice) => ({ value: choice, label: <span lang={choice}>{t.account.languages[choice]}</span> }))}
          fullWidth
        />
        <SegmentedControl
          aria-label={t.account.theme}
          value={colorScheme}
          onChange={(value) => chooseTheme(value as Theme, setColorScheme)}
          data={THEMES.map((theme) => ({ value: theme, label: t.account.themes[theme] }))}
          fullWidth
        />
      </div>
    </Card>
  );
}
