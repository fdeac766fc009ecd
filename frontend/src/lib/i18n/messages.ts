// The texts of the dashboard in the chosen language. A language is an object of the type `Messages`; no other
// module holds text for people, except the administrators' in `admin/`, which load with their pages.
import { en, type Messages } from './en';
import { language } from './language';
import { ro } from './ro';

export const t: Messages = { en, ro }[language];
