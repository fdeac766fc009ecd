// The texts of the help page, which loads with it.
import { language } from './language';

/** `id`: its place in the address of the page; the marks beside the figures lead there. */
type Entry = { id?: string; term: string; text: string };
type Section = { title: string; entries: Entry[] };

export const en = {
  title: 'Help',
  more: 'More in Help',
  lead: 'Words and rules of these pages.',
  sections: [
    {
      title: 'Devices and their readings',
      entries: [
        { term: 'On time, late, silent', text: 'A device is on time while its last reading is at most three intervals old. After that it is late. After twelve intervals, and at least ten minutes, it is silent.' },
        { term: 'No device in the list', text: 'You see the devices that an administrator has assigned to your account. Ask an administrator if one is missing.' },
        { term: 'Time', text: 'Hours and days are those of the place where the meter is, also when you look at them from another time zone. A day has 23 or 25 hours when the clocks change.' },
      ],
    },
    {
      title: 'Figures',
      entries: [
        { id: 'now', term: 'Now', text: 'The average power over the interval of the last reading. When readings stop arriving, the figure shows how long ago the last one was.' },
        { id: 'total', term: 'Total', text: 'All energy that was measured in the period. Hours without readings add nothing. Where not all is measured, the line below the figure says how many quarter-hours are.' },
        { id: 'peak', term: 'Peak hour, highest day', text: 'The hour, day or month with the most measured energy. Estimated energy is never a peak, for nobody knows when it was used.' },
        { id: 'average', term: 'Average', text: 'For a day, over the hours with readings. For longer periods, over the days or months that are over and complete. An unknown hour is left out and does not count as zero.' },
        { term: 'No readings', text: 'A hatched gap means that no reading arrived. It is unknown how much was used, so it never counts as zero and is left out of averages.' },
        { term: 'Incomplete', text: 'Some hours of this day or month have no readings. The figure shows what was measured and is lower than the real use.' },
        { term: 'In progress', text: 'The hour, day or month is not over yet.' },
        { term: 'Estimated', text: 'The meter counted on while its readings did not arrive. The energy of that time is exact, but it is not known when it was used: it is divided evenly over the hours, which are hatched. It counts in totals, and never in a peak, an average or an alert.' },
        { term: 'Base load', text: 'The lowest use per hour in the period: what runs day and night.' },
      ],
    },
    {
      title: 'Comparison',
      entries: [
        { term: 'Like for like', text: 'Only hours, days or months that are complete on both sides are compared. “Over the same 20 days” says how many. So a month in progress is compared with the same days of the other month.' },
        { term: 'About the same', text: 'The difference is less than one percent.' },
      ],
    },
    {
      title: 'Alerts',
      entries: [
        { term: 'Limit', text: 'An alert appears when a device uses more in an hour than the limit that an administrator has set.' },
        { term: 'Withdrawn', text: 'A later correction brought the hour below the limit. The alert stays in the list and needs no action.' },
      ],
    },
    {
      title: 'Sharing and installing',
      entries: [
        { term: 'Share', text: 'The address of the energy page holds the whole view. Users who open it log in first and need access to the device.' },
        { term: 'Install', text: 'Use “Install” or “Add to home screen” in the browser’s menu. Without a network the app says that it is offline; it shows no old figures.' },
      ],
    },
  ] as Section[],
  forAdmins: [
    {
      title: 'For administrators',
      entries: [
        { term: 'Incoming data', text: 'Every reading received is stored, a correction, a duplicate or rejected with a reason. The four always add up to the number received.' },
        { term: 'Unregistered devices', text: 'Their readings are kept. Register the device under the ID that it sends, and its readings appear.' },
        { term: 'Dead letters', text: 'Messages that could not be stored, with the reason. Remove the cause first, then retry.' },
      ],
    },
    {
      title: 'Sending readings',
      entries: [
        { term: 'Where', text: 'By AMQP 0-9-1 to the queue device_data_queue through the default exchange, as persistent messages, with confirms and the flag “mandatory”. The page of a device has a sample to copy; the command “./ems credentials” prints the address of the broker.' },
        { term: 'Message', text: 'One JSON object, or a list of up to 1,000 of them, at most 1 MiB: device_id, timestamp and measurement_value.' },
        { term: 'timestamp', text: 'The instant at which the interval began, with its offset: 2026-11-22T10:40:00Z.' },
        { term: 'measurement_value', text: 'The energy of the interval in kWh, 0 or more. Of a device with cumulative readings, the register of the meter.' },
        { term: 'revision', text: 'Optional. A correction has the same device and timestamp and a higher number than the reading that it replaces. The same reading sent again changes nothing.' },
        { term: 'Rejected', text: 'A reading that cannot be stored is under “Incoming data” with its reason. The other readings of its message are stored.' },
      ],
    },
    {
      title: 'Operating',
      entries: [
        { term: './ems status, ./ems logs NAME', text: 'Show the processes and their logs.' },
        { term: './ems backup FILE, ./ems restore FILE', text: 'Save everything while the platform runs, and bring it back into an empty installation. Keep the key for backups, which “./ems credentials” shows, apart from the file.' },
        { term: './ems up --detach', text: 'Start the platform; after an upgrade, install and migrate first. Make a backup before an upgrade.' },
        { term: 'More', text: 'The folder docs of the installation has operating.md for settings, backup, monitoring and upgrades, and runbook.md for each warning.' },
      ],
    },
  ] as Section[],
  links: { title: 'Reference', api: 'API reference', apiText: 'All requests of the platform, to read and to try.', admin: 'Administration of the services', adminText: 'Tables of accounts, devices and alerts.' },
};

export const ro: typeof en = {
  title: 'Ajutor',
  more: 'Mai multe în Ajutor',
  lead: 'Cuvintele și regulile acestor pagini.',
  sections: [
    {
      title: 'Dispozitivele și citirile lor',
      entries: [
        { term: 'La timp, întârziat, fără semnal', text: 'Un dispozitiv este la timp cât ultima citire are cel mult trei intervale vechime. Apoi este întârziat. După douăsprezece intervale, dar cel puțin zece minute, este fără semnal.' },
        { term: 'Un dispozitiv lipsește din listă', text: 'Vedeți dispozitivele pe care un administrator le-a atribuit contului dumneavoastră. Dacă lipsește unul, întrebați un administrator.' },
        { term: 'Ora', text: 'Orele și zilele sunt cele ale locului în care se află contorul, chiar dacă le priviți din alt fus orar. O zi are 23 sau 25 de ore când se schimbă ora.' },
      ],
    },
    {
      title: 'Cifrele',
      entries: [
        { id: 'now', term: 'Acum', text: 'Puterea medie pe intervalul ultimei citiri. Când citirile nu mai sosesc, cifra arată cât timp a trecut de la ultima.' },
        { id: 'total', term: 'Total', text: 'Toată energia măsurată în perioadă. Orele fără citiri nu adaugă nimic. Când nu este măsurat totul, rândul de sub cifră spune câte sferturi de oră sunt măsurate.' },
        { id: 'peak', term: 'Ora de vârf, ziua de vârf', text: 'Ora, ziua sau luna cu cea mai multă energie măsurată. Energia estimată nu este niciodată un vârf, pentru că nu se știe când s-a consumat.' },
        { id: 'average', term: 'Media', text: 'Pentru o zi, pe orele cu citiri. Pentru perioade mai lungi, pe zilele sau lunile încheiate și complete. O oră necunoscută nu intră în medie și nu contează ca zero.' },
        { term: 'Fără citiri', text: 'O zonă hașurată înseamnă că nu a sosit nicio citire. Nu se știe cât s-a consumat, deci nu contează niciodată ca zero și nu intră în medii.' },
        { term: 'Incomplet', text: 'Unele ore ale acestei zile sau luni nu au citiri. Cifra arată ce s-a măsurat și este mai mică decât consumul real.' },
        { term: 'În curs', text: 'Ora, ziua sau luna nu s-a încheiat încă.' },
        { term: 'Estimat', text: 'Contorul a continuat să numere cât timp citirile nu au sosit. Energia acelui timp este exactă, dar nu se știe când s-a consumat: se împarte uniform pe ore, care sunt hașurate. Intră în totaluri, dar niciodată într-un vârf, o medie sau o alertă.' },
        { term: 'Consum de bază', text: 'Cel mai mic consum pe oră din perioadă: ce funcționează zi și noapte.' },
      ],
    },
    {
      title: 'Comparația',
      entries: [
        { term: 'Pentru aceleași ore sau zile', text: 'Se compară doar orele, zilele sau lunile complete de ambele părți. „Pentru aceleași 20 de zile” arată câte sunt. Astfel, o lună în curs se compară cu aceleași zile din cealaltă lună.' },
        { term: 'Aproximativ la fel', text: 'Diferența este sub un procent.' },
      ],
    },
    {
      title: 'Alertele',
      entries: [
        { term: 'Limita', text: 'O alertă apare când un dispozitiv consumă într-o oră mai mult decât limita stabilită de un administrator.' },
        { term: 'Retrasă', text: 'O corecție ulterioară a adus ora sub limită. Alerta rămâne în listă și nu cere nicio acțiune.' },
      ],
    },
    {
      title: 'Distribuirea și instalarea',
      entries: [
        { term: 'Distribuie', text: 'Adresa paginii de energie cuprinde întreaga vedere. Cine o deschide se autentifică mai întâi și are nevoie de acces la dispozitiv.' },
        { term: 'Instalează', text: 'Folosiți „Instalează” sau „Adaugă pe ecranul principal” din meniul browserului. Fără rețea, aplicația spune că este offline; nu arată cifre vechi.' },
      ],
    },
  ],
  forAdmins: [
    {
      title: 'Pentru administratori',
      entries: [
        { term: 'Date primite', text: 'Fiecare citire primită este salvată, o corecție, un duplicat sau respinsă cu un motiv. Cele patru dau întotdeauna numărul citirilor primite.' },
        { term: 'Dispozitive neînregistrate', text: 'Citirile lor se păstrează. Înregistrați dispozitivul cu ID-ul pe care îl trimite, iar citirile apar.' },
        { term: 'Mesaje respinse', text: 'Mesaje care nu au putut fi salvate, cu motivul. Înlăturați mai întâi cauza, apoi reîncercați.' },
      ],
    },
    {
      title: 'Trimiterea citirilor',
      entries: [
        { term: 'Unde', text: 'Prin AMQP 0-9-1 în coada device_data_queue, prin exchange-ul implicit, ca mesaje persistente, cu confirmări și cu indicatorul „mandatory”. Pagina unui dispozitiv are un exemplu de copiat; comanda „./ems credentials” afișează adresa brokerului.' },
        { term: 'Mesajul', text: 'Un obiect JSON sau o listă de cel mult 1.000, de cel mult 1 MiB: device_id, timestamp și measurement_value.' },
        { term: 'timestamp', text: 'Momentul în care a început intervalul, cu decalajul față de UTC: 2026-11-22T10:40:00Z.' },
        { term: 'measurement_value', text: 'Energia intervalului în kWh, cel puțin 0. La un dispozitiv cu citiri cumulative, indexul contorului.' },
        { term: 'revision', text: 'Opțional. O corecție are același dispozitiv și același timestamp și un număr mai mare decât citirea pe care o înlocuiește. Aceeași citire trimisă încă o dată nu schimbă nimic.' },
        { term: 'Respinse', text: 'O citire care nu poate fi salvată apare la „Date primite”, cu motivul. Celelalte citiri ale mesajului sunt salvate.' },
      ],
    },
    {
      title: 'Operarea',
      entries: [
        { term: './ems status, ./ems logs NUME', text: 'Arată procesele și jurnalele lor.' },
        { term: './ems backup FIȘIER, ./ems restore FIȘIER', text: 'Salvează tot cât timp platforma funcționează și readuce totul într-o instalare goală. Păstrați separat de fișier cheia copiilor, pe care o arată „./ems credentials”.' },
        { term: './ems up --detach', text: 'Pornește platforma; după o actualizare, mai întâi instalează și migrează. Faceți o copie înainte de actualizare.' },
        { term: 'Mai multe', text: 'Dosarul docs al instalării are operating.md pentru setări, copii, monitorizare și actualizări și runbook.md pentru fiecare avertizare.' },
      ],
    },
  ],
  links: { title: 'Referință', api: 'Referința API', apiText: 'Toate cererile platformei, de citit și de încercat.', admin: 'Administrarea serviciilor', adminText: 'Tabelele conturilor, dispozitivelor și alertelor.' },
};

export const helpTexts = { en, ro }[language];

export const helpEntry = (id: string): Entry | undefined =>
  helpTexts.sections.flatMap(({ entries }) => entries).find((entry) => entry.id === id);
