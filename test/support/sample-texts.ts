/** Ordinary prose as models write it, for counting: `language` to text. Written for these tests. */
export const SAMPLE_TEXTS = {
  english: `The harbour was quiet when the first ferry came in. A handful of commuters stood under the awning, watching the rain draw circles on the water, and nobody seemed in a hurry to speak. Maria had been taking this crossing for eleven years; she knew the captain's habits, the way he always cut the engine a little too early and let the tide do the rest. "It saves fuel," he told her once, "and it gives people time to finish their coffee."

There are three things to keep in mind when you plan a migration like this one. First, measure what you have before you change anything: without a baseline, every improvement is just an opinion. Second, move one service at a time, and keep the old path working until the new one has carried real traffic for at least a week. Third, write down what you decided and why. It doesn't need to be long. A paragraph that explains the trade-off will save someone, probably you, an afternoon of guessing in 2027.`,
  german: `Der Hafen war still, als die erste Fähre einlief. Einige Pendler standen unter dem Vordach und sahen zu, wie der Regen Kreise auf das Wasser zeichnete; niemand schien es eilig zu haben. Maria nahm diese Überfahrt seit elf Jahren und kannte die Gewohnheiten des Kapitäns: Er schaltete die Maschine immer etwas zu früh ab und überließ den Rest der Strömung. „Das spart Treibstoff“, hatte er ihr einmal gesagt, „und die Leute können ihren Kaffee austrinken.“

Bei einer solchen Umstellung sind drei Dinge zu beachten. Erstens: Messen Sie den Ist-Zustand, bevor Sie etwas verändern, denn ohne Vergleichswerte bleibt jede Verbesserung eine Behauptung. Zweitens sollte immer nur ein Dienst umziehen, während der alte Weg noch mindestens eine Woche lang verfügbar bleibt. Drittens: Schreiben Sie auf, was entschieden wurde und weshalb. Ein kurzer Absatz über die Abwägung erspart später einen ganzen Nachmittag voller Vermutungen über Zuständigkeiten und Geschwindigkeitsbegrenzungen.`,
  chinese: `第一班渡轮靠岸的时候，港口还很安静。几个上班的人站在雨棚下面，看着雨点在水面上画出一个又一个圆圈，谁也不急着开口说话。玛丽亚坐这条航线已经十一年了，她熟悉船长的习惯：他总是稍微提前一点关掉发动机，剩下的路交给潮水。“这样省油，”他曾经对她说，“而且大家可以把咖啡喝完。”

做这样的迁移时，有三件事需要记住。第一，在改动任何东西之前先测量现状：没有基准，所有的改进都只是一种看法。第二，一次只迁移一个服务，并且让旧的路径继续运行，直到新的路径至少承载了一周的真实流量。第三，把决定和原因写下来。不需要很长，一段说明取舍的文字，就能为将来的同事（很可能就是你自己）省下整整一个下午的猜测。`,
  japanese: `最初のフェリーが着いたとき、港はまだ静かだった。通勤客が何人か屋根の下に立って、雨が水面に輪を描くのを眺めていた。誰も急いで話そうとはしなかった。マリアはこの航路を十一年も使っていて、船長の癖をよく知っている。彼はいつも少し早めにエンジンを切り、残りは潮の流れに任せるのだ。「燃料の節約になるし、みんながコーヒーを飲み終える時間もできる」と、彼は以前彼女に言った。

このような移行を計画するときは、三つのことを覚えておいてください。まず、何かを変える前に現状を測定すること。基準がなければ、どんな改善もただの意見にすぎません。次に、一度に一つのサービスだけを移し、新しい経路が少なくとも一週間は実際のトラフィックを処理するまで、古い経路を残しておくこと。最後に、何を決めたのか、その理由とともに書き残すことです。`,
  russian: `Когда пришёл первый паром, в порту было тихо. Несколько пассажиров стояли под навесом и смотрели, как дождь рисует круги на воде; никто, казалось, не спешил заговорить. Мария ездила этим путём уже одиннадцать лет и знала привычки капитана: он всегда глушил двигатель немного раньше времени, а остальное доверял течению. «Так экономится топливо, — сказал он ей однажды, — и люди успевают допить кофе».`,
  code: `export async function loadAccounts(store: AccountStore, ids: readonly string[]): Promise<Map<string, Account>> {
  const result = new Map<string, Account>();
  for (const batch of chunksOf(ids, 500)) {
    const rows = await store.query('SELECT id, name, balance FROM account WHERE id = ANY($1)', [batch]);
    for (const row of rows) {
      if (row.balance === null || result.has(row.id)) continue;
      result.set(row.id, { id: row.id, name: row.name.trim(), balance: BigInt(row.balance) });
    }
  }
  return result;
}`,
} as const;
