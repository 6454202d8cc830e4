import Messages
import Regulation
import Simulation

/// What `phoihop help` says.
public enum Help {
    /// The commands, each with what it is for.
    public static let overview = Wording(
        vi: """
            phoihop – phối hợp vận hành Cụm Thông tin đối ngoại

              phoihop publish LOẠI-TIN …   gửi tin (báo sự cố, thông báo, ghi nhận cuộc gọi …)
              phoihop status               việc còn phải làm, hạn, ai phải làm; sự cố; máy mất liên lạc
              phoihop desk                 bàn trực: việc của đơn vị, mỗi việc trả lời bằng một phím
              phoihop explain MÃ           vì sao có hạn này, đã có những gì, sắp tới là gì
              phoihop inbox                các tin đã nhận
              phoihop watch                theo dõi tin đến và các việc, liên tục
              phoihop ledger               sổ ghi: mọi tin đã nói, theo thứ tự (Sở TTTT)
              phoihop files check MÃ       lấy và kiểm tra các tệp kèm theo một nội dung, một báo cáo
              phoihop content              nội dung đang đăng trên Cụm và đang xử lý (Sở TTTT)
              phoihop backup …             sao lưu định kỳ nội dung đã đăng và sổ ghi; khôi phục (Sở TTTT)
              phoihop describe [LOẠI-TIN]  các loại tin, các mục phải ghi, ví dụ
              phoihop regulation …         Quy định: bảng các việc, kiểm tra tệp, so sánh hai bản
              phoihop doctor               kiểm tra máy này, máy chủ tin, hệ thống điều phối
              phoihop simulate KỊCH-BẢN    diễn thử một ngày, một tháng, một năm, không cần máy chủ tin
              phoihop report …             số liệu tổng hợp 6 tháng, năm, từ sổ ghi (Sở TTTT)
              phoihop broker …             chuẩn bị máy chủ tin (quản trị)
              phoihop help CHỦ-ĐỀ          hướng dẫn; chủ đề: tên lệnh, time, data, codes, settings

            Ví dụ, màn hình LED tắt lúc 19 giờ 12:
              phoihop publish incident.detected --kind technical --occurred-at 19:12 --title "màn hình LED không hiển thị" --device led-screen
              phoihop publish incident.notified --subject SC-… --kind technical --occurred-at 19:12 --title "…" --officer "Trung úy A"

            Lệnh nào cũng có: --help, --lang vi|en, --json. Không nhập bí mật nhà nước.
            """,
        en: """
            phoihop – coordination in operating the External Information Cluster

              phoihop publish TYPE …       say something (incident, notification, a call …)
              phoihop status               what is owed, by when, by whom; incidents; silent agents
              phoihop desk                 the duty officer's desk: what is owed, answered with one key
              phoihop explain ID           why it is owed, what is on record, what comes next
              phoihop inbox                what was received
              phoihop watch                what comes in and what is owed, live
              phoihop ledger               what was said, in order (the Department)
              phoihop files check CASE     fetches and checks the files of a submission, of a report
              phoihop content              what is posted on the Cluster and on its way (the Department)
              phoihop backup …             the periodic backup of what was posted, and of the ledger; and back (the Department)
              phoihop describe [TYPE]      message types, their fields, an example
              phoihop regulation …         the regulation: its duties as a table, check a file, compare two
              phoihop doctor               checks this machine, the broker, the coordinator
              phoihop simulate SCENARIO    a what-if day, month or year, without a broker
              phoihop report …             the half-year's and the year's figures, from the ledger (the Department)
              phoihop broker …             provisioning of the broker
              phoihop help TOPIC           topics: a command's name, time, data, codes, settings

            For example, the LED screen went dark at 19:12:
              phoihop publish incident.detected --kind technical --occurred-at 19:12 --title "LED screen dark" --device led-screen
              phoihop publish incident.notified --subject SC-… --kind technical --occurred-at 19:12 --title "…" --officer "Lt. A"

            Every command takes --help, --lang vi|en, --json. Enter no state secrets.
            """)

    /// The text on a topic: a command or one of `time`, `data`, `codes`, `settings`. The verbs of scenarios are those of a regulation, which is read only for them.
    /// - Throws: usage, with the nearest topic.
    public static func topic(_ name: String, under regulation: @autoclosure () throws(Failure) -> Regulation) throws(Failure) -> Wording {
        if name == "simulate" {
            let verbs = try regulation().verbs
            return simulate.map { language, text in text.replacing("{verbs}", with: list(verbs, language)) }
        }
        if let text = topics[name] { return text }
        let known = topics.keys.sorted()
        let near = nearest(to: name.lowercased(), in: known)
        throw Failure(
            .usage,
            vi: "Không có hướng dẫn về “\(shown(name))”" + (near.map { "; có phải là phoihop help \($0)?" } ?? ".")
                + " Các chủ đề: \(known.joined(separator: ", "))",
            en: "There is no help on “\(shown(name))”" + (near.map { "; did you mean phoihop help \($0)?" } ?? ".")
                + " Topics: \(known.joined(separator: ", "))")
    }

    private static let topics: [String: Wording] = [
        "publish": publish, "status": status, "explain": explain, "watch": watch, "desk": desk, "ledger": ledger,
        "files": files, "content": content, "backup": backup,
        "inbox": inbox, "describe": describe, "doctor": doctor,
        "regulation": regulation, "simulate": simulate, "report": report, "broker": broker, "help": overview, "time": time, "data": data, "codes": codes,
        "settings": settings,
    ]

    /// How to publish.
    public static let publish = Wording(
        vi: """
            phoihop publish LOẠI-TIN [--mục giá-trị …]   gửi một tin

            Mỗi mục của loại tin là một cờ: --occurred-at và --occurredAt như nhau. Xem các mục: phoihop describe LOẠI-TIN
            Câu nhiều từ không cần dấu ngoặc kép: --title màn hình LED không hiển thị

              --subject MÃ       vụ việc; tin mở đầu vụ việc tự đặt mã mới, ví dụ SC-20261124-0815-x7kd; --subject new: đặt mã mới
              --to ĐƠN-VỊ        nơi nhận, với loại tin gửi tới một đơn vị
              --exercise         tin diễn tập (hoặc --drill)
              --file TỆP         gửi kèm một tệp trên máy này, ghi được nhiều lần; xem: phoihop help files
              --data TỆP|-       lấy nội dung từ tệp JSON, mỗi dòng một tin; xem: phoihop help data
              --id MÃ            mã của tin; gửi lại cùng mã thì chỉ tính một lần

            Tin được ghi vào đĩa trước, rồi mới gửi. “Đã xác nhận”: máy chủ tin đã giữ. “Đã lưu”: máy chủ tin đang mất
            liên lạc, tin sẽ được gửi khi có lại, với cùng mã. Cả hai đều trả về 0; sai mật khẩu thì tin cũng được lưu, trả về 77.

            Ví dụ
              phoihop publish incident.detected --kind technical --occurred-at 19:12 --title màn hình LED không hiển thị
              phoihop publish incident.notified --subject SC-20260314-1913-k7 --kind technical --occurred-at 19:12 \\
                      --title màn hình LED không hiển thị --officer Trung úy A
              phoihop publish communication.recorded --subject SC-20260314-1913-k7 --means telephone --called-at 19:20 \\
                      --caller Trực ban Đồn --answered-by Trực ban Sở --to information-dept --regarding incident.notified
            """,
        en: """
            phoihop publish TYPE [--field value …]   say something

            Each field of the type is a flag: --occurred-at and --occurredAt are the same. The fields: phoihop describe TYPE
            Several words need no quotation marks: --title LED screen dark

              --subject CASE     the case; a message that begins one gets a new name such as SC-20261124-0815-x7kd; --subject new: a new name
              --to PARTY         the addressee, for types addressed to one party
              --exercise         belongs to a drill (or --drill)
              --file PATH        a file on this machine goes with it; repeatable; see: phoihop help files
              --data FILE|-      takes the content from a JSON file, one message a line; see: phoihop help data
              --id ID            the message's id; sent again under the same id it counts once

            A message is written to disk first and sent then. “Confirmed”: the broker keeps it. “Kept”: the broker is away;
            the message goes out when it is back, under the same id. Both return 0; on a wrong password it is kept too, and 77 returned.

            Examples
              phoihop publish incident.detected --kind technical --occurred-at 19:12 --title LED screen dark
              phoihop publish incident.notified --subject SC-20260314-1913-k7 --kind technical --occurred-at 19:12 \\
                      --title LED screen dark --officer Lt. A
              phoihop publish communication.recorded --subject SC-20260314-1913-k7 --means telephone --called-at 19:20 \\
                      --caller Station --answered-by Department --to information-dept --regarding incident.notified
            """)

    private static let status = Wording(
        vi: """
            phoihop status   các việc còn phải làm, theo hạn; sự cố chưa xong; máy mất liên lạc

            Giờ là giờ Lào Cai. “còn 12 phút”: thời gian còn lại; “quá 8 phút”: đã quá. Dấu * là mốc theo dõi của hệ thống,
            Quy định không ấn định. [DIỄN TẬP]: thuộc diễn tập. Hệ thống điều phối trả lời; không trả lời thì trả về 69.

            Ví dụ
              phoihop status
              phoihop status --all           # tất cả, không chỉ những việc gấp nhất
              phoihop status --json
              phoihop status --digest        # mã kiểm tra trạng thái mà từng máy điều phối đang giữ
              phoihop explain MÃ        giải thích một việc
            """,
        en: """
            phoihop status   what is owed, by deadline; incidents not settled; silent agents

            Times are Lào Cai's. “12 min left”, “8 min past”. A * marks a monitoring mark of this system, not set by the
            Regulation. [EXERCISE]: belongs to a drill. The coordinator answers; if none does, 69 is returned.

            Examples
              phoihop status
              phoihop status --all           # all of it, not only the most urgent
              phoihop status --json
              phoihop status --digest        # of the state that each coordinator holds
              phoihop explain ID        explains one of them
            """)

    private static let explain = Wording(
        vi: """
            phoihop explain MÃ   vì sao có việc này, hạn tính thế nào, có những bằng chứng gì, sắp tới là gì

            MÃ là mã việc, mã tin hoặc mã vụ việc, như trong phoihop status và phoihop inbox.

            Ví dụ
              phoihop explain SC-20260314-1913-k7
            """,
        en: """
            phoihop explain ID   why something is owed, how its deadline is reckoned, what is on record, what comes next

            ID is that of an obligation, a message or a case, as phoihop status and phoihop inbox show them.

            Example
              phoihop explain SC-20260314-1913-k7
            """)

    private static let watch = Wording(
        vi: """
            phoihop watch   tin đến và bảng các việc, liên tục; dừng bằng Ctrl-C

            Trên màn hình, bảng được làm mới; khi chuyển sang tệp hoặc chương trình khác, mỗi tin một dòng.

            Ví dụ
              phoihop watch
              phoihop watch --json | jq .type
            """,
        en: """
            phoihop watch   what comes in and what is owed, live; ends on Ctrl-C

            On a terminal the table is refreshed; otherwise each message is a line.

            Examples
              phoihop watch
              phoihop watch --json | jq .type
            """)

    private static let desk = Wording(
        vi: """
            phoihop desk   bàn trực: việc của đơn vị đang chờ, mỗi việc trả lời bằng một phím; có việc mới thì rung chuông

            Việc nào có phím nào là dữ liệu của Quy định (mục “desk”): phoihop regulation show VIỆC. [q] thoát.
            PHOIHOP_OFFICER là tên cán bộ trực, để khỏi phải gõ lại.
            """,
        en: """
            phoihop desk   the duty officer's desk: what the party owes, each answered with one key; a bell rings for what is new

            Which duty has which keys is data of the regulation (the member "desk"): phoihop regulation show DUTY. [q] leaves.
            PHOIHOP_OFFICER is the officer's name, which then need not be typed again.
            """)

    private static let ledger = Wording(
        vi: """
            phoihop ledger [--follow]   sổ ghi từ đầu: mọi tin đã nói, mỗi tin một dòng; chỉ Sở TTTT và hệ thống điều phối được đọc

            Tin gửi nhiều nơi cùng lúc gộp một dòng; giấy báo nhận và mốc giờ không hiện. --json hiện tất cả, mỗi dòng một CloudEvent.
              --follow   đọc tiếp tin mới, cho đến khi nhấn Ctrl-C

            phoihop ledger export TỆP      lưu sổ ra tệp, nguyên văn từng bản ghi; chạy lại thì chỉ ghi thêm phần mới, kể cả sau khi bị ngắt
              --from …, --to …             chỉ một phần: số thứ tự bản ghi (từ 1), hoặc thời điểm theo đồng hồ hệ thống điều phối; mọi bản ghi
                                           có thể đã đến trong khoảng ấy đều được lấy
            phoihop ledger verify [TỆP]    đọc lại sổ (hoặc tệp đã lưu) từ bản ghi đầu: mọi thông báo phải có căn cứ, đúng nội dung, không
                                           thiếu, không đổi chỗ; sai thì nêu từ bản ghi sai đầu tiên và trả về 65
            phoihop ledger state [TỆP]     mã kiểm tra của trạng thái rút ra từ sổ; --json: toàn bộ trạng thái; --records N: sau N bản ghi đầu.
                                           Cùng sổ thì cùng mã, kể cả sau khi khôi phục; máy điều phối đang chạy: phoihop status --digest
            phoihop ledger import TỆP      khôi phục vào sổ trống; dùng: deploy/up --restore TỆP

            verify không thấy được: bỏ phần cuối sổ, sửa hay bỏ một tin mà không thông báo hay giấy báo nhận nào dựa vào. So với bản lưu
            ở nơi khác, hoặc với mã kiểm tra đã ghi lại, thì thấy. Sổ diễn tập thì kèm --clock.

            Ví dụ
              phoihop ledger --follow
              phoihop ledger export so-ghi.jsonl && phoihop ledger verify so-ghi.jsonl
            """,
        en: """
            phoihop ledger [--follow]   the ledger from its beginning: what was said, a line each; open to the Department and the coordinator

            A notice to several parties is one line; receipts and marks are left out. --json shows everything, one CloudEvent a line.
              --follow   go on with what comes in, until Ctrl-C

            phoihop ledger export FILE     keeps the ledger in a file, every record as it stands; run again, it adds what is new, whatever ended it
              --from …, --to …             a part of it: the number of a record, from 1, or a time by the coordinator's clock; all that may have come
                                           in within that time is taken
            phoihop ledger verify [FILE]   reads the ledger (or such a file) again from its first record: every notice must be justified, say what it
                                           should, none missing, none moved; else names the wrong ones, the first first, and returns 65
            phoihop ledger state [FILE]    a digest of what follows from the ledger; --json: all of it; --records N: after the first N records.
                                           The same ledger gives the same, restored too; of running coordinators: phoihop status --digest
            phoihop ledger import FILE     restores such a file into an empty ledger; use: deploy/up --restore FILE

            What verify cannot see: that the end was cut off; that a message was changed or taken out on which no notice and no receipt
            rests. Beside a copy kept elsewhere, or a digest noted down, it shows. For the ledger of a drill, add --clock.

            Examples
              phoihop ledger --follow
              phoihop ledger export ledger.jsonl && phoihop ledger verify ledger.jsonl
            """)

    private static let files = Wording(
        vi: """
            phoihop files check MÃ   lấy các tệp kèm theo một vụ việc (hoặc một tin) về kho của đơn vị và kiểm tra từng tệp: có tệp,
                                     đúng dung lượng, kiểu tệp, mã băm SHA-256. Trả về 0 khi mọi tệp đều đúng, nếu không thì 65

            Chạy lại được: tệp đã đúng không phải lấy lại. Tệp lấy theo file, http, https, sftp, không dài hơn dung lượng ghi trong tin.

            Gửi tệp: phoihop publish LOẠI-TIN … --file TỆP [--file TỆP …], với loại tin có mục tệp (content.submitted, production.delivered,
            report.submitted …). Bản sao nguyên văn được lưu trong thư mục files của đơn vị (khoản 2 Điều 13), mang tên là mã băm;
            tin chỉ mang địa chỉ, dung lượng, kiểu tệp, mã băm.

              PHOIHOP_FILES_URI   địa chỉ mà nơi nhận dùng để lấy tệp trong thư mục files, ví dụ https://tep.bao.vn/phoihop/
                                  (máy chủ web, SFTP hoặc ổ đĩa dùng chung do đơn vị mở; không kèm mật khẩu vì mọi tin đều nằm trong sổ).
                                  Không đặt thì là địa chỉ file: của chính thư mục, đủ cho một máy hoặc ổ đĩa dùng chung cùng đường dẫn

            Nội dung có tệp chưa kiểm tra, hoặc có tệp sai, thì chưa chấp nhận được bằng content.vetted; vẫn chấp nhận thì ghi lý do:
            --files-unchecked-reason …

            Ví dụ
              phoihop publish content.submitted --title Lễ hội đền Thượng --answers-for Trưởng phòng Biên tập --file clip.mp4
              phoihop files check ND-20260216-0901-k7
            """,
        en: """
            phoihop files check CASE   fetches the files of a case (or of one message) into the party's store and checks each: that it is there,
                                       its length, media type and SHA-256. Returns 0 if all are right, else 65

            It may be run again: what was right is not fetched again. Files are fetched by file, http, https and sftp, and no more bytes than
            the message names.

            To send files: phoihop publish TYPE … --file PATH [--file PATH …], for types that name files (content.submitted,
            production.delivered, report.submitted …). An exact copy is kept in the party's directory files (Clause 2, Article 13), under its
            hash; the message carries only address, length, media type and hash.

              PHOIHOP_FILES_URI   the address under which receivers fetch what is in that directory, such as https://files.example.vn/phoihop/
                                  (a web server, SFTP or a share that the party provides; without a password, since every message stays on the
                                  ledger). Without it, the directory's own file: address, which serves one machine, or a share under one path

            Content whose files are unchecked or wrong is not accepted by content.vetted; to accept it all the same, give the reason:
            --files-unchecked-reason …

            Examples
              phoihop publish content.submitted --title Spring festival --answers-for Chief editor --file clip.mp4
              phoihop files check ND-20260216-0901-k7
            """)

    private static let content = Wording(
        vi: """
            phoihop content [--all]   nội dung đang đăng trên Cụm, và nội dung đang xử lý: đã cung cấp, đã kiểm tra tệp, đã chấp nhận; đã chờ bao lâu

            Lập từ sổ ghi. “Chưa lưu”: tệp không có trong kho của Sở. [DIỄN TẬP]: thuộc diễn tập.
              --all   cả nội dung đã gỡ, hết hạn đăng, đã trả lại, đã từ chối

            Ví dụ
              phoihop content
              phoihop content --json | jq '.posted[].title'
            """,
        en: """
            phoihop content [--all]   what is posted on the Cluster, and what is on its way: submitted, files checked, accepted; and how long it waits

            Drawn from the ledger. “Not kept”: the file is not in the Department's store. [EXERCISE]: belongs to a drill.
              --all   also what was withdrawn, has expired, was returned or refused

            Examples
              phoihop content
              phoihop content --json | jq '.posted[].title'
            """)

    private static let backup = Wording(
        vi: """
            phoihop backup take NƠI-LƯU    sao lưu mọi nội dung đã đăng trên Cụm (khoản 3 Điều 7: thông tin và nguyên văn tệp) và sổ ghi vào thư mục
                                           backup-NGÀY-GIỜ tại NƠI-LƯU; đọc lại, rồi gửi backup.completed. Thiếu hoặc hỏng tệp thì nêu tên,
                                           bản sao mang tên incomplete-…, không gửi tin, trả về 65
            phoihop backup verify BẢN-SAO  đọc lại toàn bộ bản sao; cũng được bằng sha256sum -c SHA256SUMS
            phoihop backup restore BẢN-SAO đưa các tệp trở lại kho của Sở. Sổ ghi: deploy/up --restore BẢN-SAO/ledger.jsonl

            BẢN-SAO là một thư mục backup-…, hoặc NƠI-LƯU, khi đó lấy bản mới nhất.
              --keep SỐ           giữ SỐ bản gần nhất (mặc định 8); bản cũ hơn chỉ bị xóa sau khi bản mới đã đọc lại đúng và đã qua ngày “lưu đến”
              --kept-until NGÀY   lưu đến ngày; mặc định SỐ tuần
              --place …           nơi lưu, ghi trong tin; mặc định TÊN-MÁY:ĐƯỜNG-DẪN
              --officer …         cán bộ chịu trách nhiệm; mặc định PHOIHOP_OFFICER

            Hằng tuần, tự động: deploy/phoihop-backup.timer và deploy/phoihop-backup.service (systemd).

            Ví dụ
              phoihop backup take /media/sao-luu && phoihop backup verify /media/sao-luu
            """,
        en: """
            phoihop backup take PLACE      backs up all that was posted on the Cluster (Clause 3, Article 7: the information and the exact files) and
                                           the ledger, into a folder backup-DATE-TIME at PLACE; reads it back, and publishes backup.completed.
                                           Files that are missing or damaged are named; the folder is then called incomplete-…, nothing is
                                           published, and 65 returned
            phoihop backup verify BACKUP   reads all of a backup again; sha256sum -c SHA256SUMS does so too
            phoihop backup restore BACKUP  puts the files back into the Department's store. The ledger: deploy/up --restore BACKUP/ledger.jsonl

            BACKUP is a folder backup-…, or a PLACE, of which the newest is taken.
              --keep NUMBER       keeps so many (8 by default); older ones are removed only once the new one has been read back, and the day
                                  until which the record says they are kept is over
              --kept-until DATE   until when it is kept; by default NUMBER weeks
              --place …           where it is kept, for the record; by default HOST:PATH
              --officer …         who answers for it; by default PHOIHOP_OFFICER

            Every week, by itself: deploy/phoihop-backup.timer and deploy/phoihop-backup.service (systemd).

            Example
              phoihop backup take /media/backup && phoihop backup verify /media/backup
            """)

    private static let inbox = Wording(
        vi: """
            phoihop inbox [--all] [--since THỜI-ĐIỂM] [LOẠI-TIN]   các tin đơn vị đã nhận, mới nhất ở cuối
            phoihop inbox show MÃ                                 toàn bộ một tin

            Không có --all hoặc --since thì hiện 20 tin cuối.

            Ví dụ
              phoihop inbox
              phoihop inbox --since hôm qua 22:00
              phoihop inbox duty.overdue --all
            """,
        en: """
            phoihop inbox [--all] [--since TIME] [TYPE]   what the party received, newest last
            phoihop inbox show ID                         one message in full

            Without --all or --since the last 20 are shown.

            Examples
              phoihop inbox
              phoihop inbox --since yesterday 22:00
              phoihop inbox duty.overdue --all
            """)

    private static let describe = Wording(
        vi: """
            phoihop describe [LOẠI-TIN]   các loại tin đơn vị gửi và nhận; hoặc một loại: ai gửi, ai nhận, các mục, ví dụ

            Ví dụ
              phoihop describe
              phoihop describe incident.notified
            """,
        en: """
            phoihop describe [TYPE]   what the party may send and receives; or one type: who sends it, who receives it, its fields, an example

            Examples
              phoihop describe
              phoihop describe incident.notified
            """)

    private static let doctor = Wording(
        vi: """
            phoihop doctor   kiểm tra từng điều, mỗi điều một dòng: tốt, hoặc sai ở đâu và phải làm gì

            Trả về 0 chỉ khi mọi điều đều tốt, nếu không thì 69.
            """,
        en: """
            phoihop doctor   checks one thing after another, a line each: fine, or what is wrong and what to do

            Returns 0 only if all is fine, else 69.
            """)

    private static let regulation = Wording(
        vi: """
            phoihop regulation table [TỆP] [--markdown]   bảng các việc: khoản, bên phải làm, khi nào, việc gì, thời hạn, gửi tới ai, các bước nhắc
            phoihop regulation show VIỆC                  một việc, bằng lời
            phoihop regulation show LOẠI-VỤ-VIỆC          một loại vụ việc (incident, SC): tin nào mở, nói tiếp, khép lại, ai được gửi
            phoihop regulation show BÊN                   một bên: vai trò, được đọc gì, theo dõi thiết bị nào
            phoihop regulation check TỆP                  mọi điểm sai trong một tệp quy định, kèm chỗ sai và cách sửa; có lỗi thì trả về 65
            phoihop regulation coverage [THƯ-MỤC] [--markdown]   mỗi việc: tin nào, ai gửi cho ai, thời hạn, kịch bản nào đúng hạn, kịch bản nào
                                                          quá hạn; không ghi thì diễn Tests/scenarios; thiếu gì thì nêu ra và trả về 1
            phoihop regulation diff CŨ MỚI                bản mới khác bản cũ ở đâu, bằng lời
            phoihop regulation replay --regulation MỚI SỔ theo bản mới thì các thông báo trong sổ sẽ khác thế nào; SỔ là tệp của
                                                          phoihop ledger export hoặc ledger --json, sổ diễn tập thì kèm --clock

            TỆP theo mẫu schemas/regulation.json, hoặc thư mục có regulation.json và mẫu các loại tin tại messages/; không ghi thì lấy bản có sẵn,
            hoặc bản nêu tại --regulation; “-” là đầu vào chuẩn.

            Ví dụ, sửa đổi Quy định:
              phoihop regulation check moi.json && phoihop regulation diff schemas/regulation.json moi.json
            """,
        en: """
            phoihop regulation table [FILE] [--markdown]   the duties as a table: clause, owed by, opened by, act, due, owed to, reminders
            phoihop regulation show DUTY                   one duty, in words
            phoihop regulation show CASE                   one kind of case (incident, SC): what begins, continues and ends one, and who may say it
            phoihop regulation show PARTY                  one party: its role, what it may read, which equipment it watches
            phoihop regulation check FILE                  all that is wrong in a regulation file, with its place and what to do; then returns 65
            phoihop regulation coverage [DIR] [--markdown]   each duty: its messages, who sends them to whom, by when, the scenario in which it is
                                                           met and the one in which it goes overdue; plays Tests/scenarios unless a directory
                                                           is named; what is lacking is listed, and then it returns 1
            phoihop regulation diff OLD NEW                how the new edition differs from the old, in words
            phoihop regulation replay --regulation NEW LEDGER   how the notices on a ledger would have been under the new edition; LEDGER is a
                                                           file of phoihop ledger export or ledger --json, with --clock for that of a drill

            FILE is made as schemas/regulation.json, or is a folder with regulation.json and the schemas of its messages in messages/; without one, the
            edition built in, or the one that --regulation names; “-” is standard input.

            Example, to amend the regulation:
              phoihop regulation check new.json && phoihop regulation diff schemas/regulation.json new.json
            """)

    private static let simulate = Wording(
        vi: """
            phoihop simulate TỆP|-   diễn một kịch bản trên đồng hồ riêng, không cần máy chủ tin: dòng thời gian, các việc, các kỳ vọng

            Mỗi dòng một việc, theo thứ tự thời gian; # là chú thích. Ngày ghi trước giờ có hiệu lực cho cả các dòng sau.

              ngày 2026-03-16                        hoặc: từ 2026-01-01 đến 2026-12-31
              việc-hằng-ngày                         việc phải xong vào giờ nhất định trong ngày được làm đúng giờ
              08:00 led-screen hỏng                  máy giám sát báo, vụ việc SC-1 bắt đầu
              08:40 border-guard thông-báo led-screen
              08:50 information-dept xác-nhận SC-1 officer="Chị Lan"
              09:00 điều-phối ngừng                  … khởi-động, đổi-máy; máy của đơn vị cũng ngừng, khởi-động được
              09:05 police gửi incident.detected SC-2 kind=technical occurredAt=09:04 title="tủ tra cứu treo" id=t1
              09:10 police gửi-lại t1
              09:30 newspaper cung-cấp title="Lễ hội đền Thượng"      tin bài TT-1
              10:00 quy-định moi.json có-hiệu-lực    tệp cạnh kịch bản; việc đã phát sinh giữ quy định cũ
              kỳ-vọng 08:30 nhắc border-guard về incident.notify-department SC-1
              kỳ-vọng không quá-hạn về SC-1
              kỳ-vọng đúng-hạn incident.notify-department SC-1 lúc 08:40
              kỳ-vọng chưa-xong content.vet TT-1 hạn 2026-03-18T23:59:59.999

            Đầu kịch bản còn có: quy-định TỆP, diễn-tập, làm-việc SỐ (các đơn vị làm mọi việc của mình, lấy từ hạt giống),
            trục-trặc SỐ (tin lặp, tin chậm, đổi máy điều phối, lấy từ hạt giống).
            Thiết bị: hỏng, chạy-lại, ở TRẠNG-THÁI. Động từ của quy định đang dùng, mỗi từ là một loại tin:
            {verbs}
            Mục bắt buộc mà không ghi thì được điền: tên vụ việc, lúc này, trực ban của đơn vị, nơi nhận là bên mở vụ việc.
            Mục nào của loại tin cũng ghi được: mục=giá-trị; thêm id= to= written= exercise=có; là SC-7 đặt tên vụ việc.
            Kỳ vọng về thông báo: [GIỜ] [SỐ|không] mở-việc nhắc quá-hạn báo-cấp-trên báo-xong rút-lại không-tiếp-nhận chuyển-lại
              tạm-hoãn dời-mốc [ĐƠN-VỊ …] [về VIỆC VỤ-VIỆC] [của ĐƠN-VỊ]: có nêu nơi nhận thì đúng các nơi ấy, không hơn không kém.
            Kỳ vọng về việc: [GIỜ] chưa-xong còn-quá-hạn hoàn-thành đúng-hạn chậm kết-thúc không-còn diễn-tập thật VIỆC VỤ-VIỆC
              [lúc GIỜ] [hạn GIỜ] [của ĐƠN-VỊ]; không việc VIỆC VỤ-VIỆC: không phát sinh.
              Vụ việc của việc theo lịch là ngày đầu kỳ: suggestion-box.open 2026-03-16.
            Mỗi từ đều có từ tiếng Anh tương ứng; xem bằng --lang en.

              --json             sổ ghi, mỗi dòng một CloudEvent
              --acts             các việc xảy ra, mỗi dòng một việc dạng JSON: để diễn thật qua máy chủ tin (như Tests/live/run)
              --clock …          như diễn tập trên đồng hồ ấy: bắt đầu lúc đồng hồ bắt đầu, các khoảng giờ thật giãn theo tốc độ
              --regulation TỆP   quy định khác, thay cho quy định nêu trong kịch bản
            Trả về 0: mọi kỳ vọng đều đúng; 1: có kỳ vọng không đúng; 65: kịch bản chưa đúng.

            Ví dụ
              phoihop simulate Tests/scenarios/telephone-first.scenario
              phoihop regulation coverage              việc nào có kịch bản nào
            """,
        en: """
            phoihop simulate FILE|-   plays a scenario on a clock of its own, without a broker: the story, the duties, the expectations

            One thing a line, in the order of time; # begins a comment. A day written before a time holds for the lines after it too.

              date 2026-03-16                        or: from 2026-01-01 to 2026-12-31
              routine                                what is owed at a time of the day is done in time
              08:00 led-screen fails                 the monitor says so, and case SC-1 begins
              08:40 border-guard notifies led-screen
              08:50 information-dept acknowledges SC-1 officer="Ms Lan"
              09:00 coordinator stops                … starts, changes; a party's agent stops and starts too
              09:05 police says incident.detected SC-2 kind=technical occurredAt=09:04 title="kiosk hangs" id=k1
              09:10 police repeats k1
              09:30 newspaper submits title="A festival"              contribution TT-1
              10:00 regulation new.json adopted      a file beside the scenario; what is open keeps its old rule
              expect 08:30 reminded border-guard for incident.notify-department SC-1
              expect no overdue for SC-1
              expect fulfilled in-time incident.notify-department SC-1 at 08:40
              expect open content.vet TT-1 due 2026-03-18T23:59:59.999

            The head may also hold: regulation FILE, exercise, work NUMBER (the parties at all their duties, drawn from a seed),
            faults NUMBER (messages repeated and delayed, coordinators replaced, drawn from a seed).
            Of devices: fails, recovers, is STATUS. The verbs of the regulation in use, each of which is a message type:
            {verbs}
            What must be said and is not is filled in: the case, this moment, the party's duty officer, as addressee who began the case.
            Any field of the type may follow: field=value; also id= to= written= exercise=yes; as SC-7 names the case.
            Expected notices: [TIME] [NUMBER|no] opened reminded overdue escalated settled withdrawn refused forwarded
              held-back rescheduled [PARTY …] [for DUTY CASE] [by OBLIGOR]: where parties are named, to these and to nobody else.
            Expected of duties: [TIME] open unmet fulfilled in-time late closed void drill real DUTY CASE [at TIME] [due TIME]
              [by OBLIGOR]; no duty DUTY CASE: none arose.
              The case of a duty of the calendar is its period's first day: suggestion-box.open 2026-03-16.
            Every word has its Vietnamese counterpart; see it with --lang vi.

              --json             the ledger, one CloudEvent a line
              --acts             what happens, one act a line as JSON: to be played through a real broker (as Tests/live/run does)
              --clock …          as a drill on that clock: begun when the clock begins, spans of real time stretched by its rate
              --regulation FILE  another regulation, instead of the one that the scenario names
            Returns 0: all as expected; 1: not all; 65: the scenario is not right.

            Example
              phoihop simulate Tests/scenarios/telephone-first.scenario
              phoihop regulation coverage              which duty has which scenario
            """)

    /// The verbs of scenarios, each with its message type, two a line.
    private static func list(_ verbs: [Verb], _ language: Language) -> String {
        let pairs = verbs.map { verb in
            let word = verb.phrase(language)
            return word + String(repeating: " ", count: max(1, 24 - width(word))) + verb.type
        }
        let half = (pairs.count + 1) / 2
        return (0..<half).map { index in
            let left = "  " + pairs[index]
            guard index + half < pairs.count else { return left }
            return left + String(repeating: " ", count: max(2, 54 - width(left))) + pairs[index + half]
        }.joined(separator: "\n")
    }

    private static let report = Wording(
        vi: """
            phoihop report --period KỲ   số liệu tổng hợp của Sở cho báo cáo 6 tháng, báo cáo năm (Điều 15), chỉ từ sổ ghi

            KỲ: 2026-H1 (6 tháng đầu năm), 2026-H2 (6 tháng cuối năm), 2026 (cả năm)

              --ledger TỆP       sổ do phoihop ledger export ghi (hoặc phoihop simulate --json; - là đầu vào chuẩn);
                                 không ghi thì đọc từ máy chủ tin
              --format DẠNG      md (Markdown, mặc định), html (một tệp, có biểu đồ, in được trên A4), json
              --out TỆP          ghi ra tệp, dạng theo đuôi .md, .html, .json; bản cũ khác nội dung được giữ thành TỆP~
              --trace SỐ-LIỆU    các bản ghi và việc đứng sau một số liệu: số trong ngoặc vuông, hoặc mã như incidents.real

            Diễn tập được loại ra, và ghi rõ đã loại bao nhiêu. “Không có số liệu” là sổ ghi không có bản ghi nào, không phải
            bằng không. Kỳ chưa hết thì số liệu tính đến bản ghi cuối cùng. Không nêu họ tên cán bộ, người phản ánh.
            Với --out, lệnh cho biết câu lệnh gửi báo cáo tổng hợp (report.consolidated) sau khi cán bộ đã soạn xong.

            Ví dụ
              phoihop report --period 2026-H1
              phoihop report --period 2026-H1 --out bao-cao.html
              phoihop report --period 2026 --ledger so.jsonl --format json
              phoihop report --period 2026-H1 --trace incidents.notified.late
            """,
        en: """
            phoihop report --period PERIOD   the Department's figures for the half-year and the year's report (Article 15), from the ledger alone

            PERIOD: 2026-H1 (first half), 2026-H2 (second half), 2026 (the year)

              --ledger FILE      a ledger as phoihop ledger export keeps it (or phoihop simulate --json; - is standard input);
                                 without it the ledger is read from the broker
              --format FORMAT    md (Markdown, the default), html (one file, with charts, prints on A4), json
              --out FILE         into a file, the format by its ending .md, .html, .json; a former one that differs is kept as FILE~
              --trace FIGURE     the records and obligations behind a figure: the number in brackets, or an id such as incidents.real

            Drills are left out, and how many is said. “No data” means that the ledger holds no record of it, not nought. Of a
            period that is not over, figures are to the last record. No officer and nobody who wrote in is named.
            With --out the command tells how to publish the consolidated report (report.consolidated) once the officer has written it.

            Examples
              phoihop report --period 2026-H1
              phoihop report --period 2026-H1 --out report.html
              phoihop report --period 2026 --ledger ledger.jsonl --format json
              phoihop report --period 2026-H1 --trace incidents.notified.late
            """)

    private static let broker = Wording(
        vi: """
            phoihop broker parties                          mã các đơn vị, mỗi dòng một mã
            phoihop broker definitions [--secrets THƯ-MỤC]  cấu hình máy chủ tin theo Quy định, để rabbitmqctl import_definitions nạp
                                       [--drill] [--regulation TỆP]
            phoihop broker asyncapi                         hợp đồng kỹ thuật theo AsyncAPI 3.0, như schemas/asyncapi.json
            phoihop broker seed                             đặt thẻ điều phối và lập sổ cái, bằng tài khoản provisioner; chạy lại không sao

            THƯ-MỤC giữ mỗi mật khẩu một tệp mang mã đơn vị. --drill cho phép đồng hồ diễn tập.

            Ví dụ
              phoihop broker definitions --secrets /etc/phoihop/secrets | rabbitmqctl import_definitions
              PHOIHOP_BROKER=amqp://provisioner:…@localhost/ phoihop broker seed
            """,
        en: """
            phoihop broker parties                      the parties' ids, one a line
            phoihop broker definitions [--secrets DIR]  the broker's definitions as the regulation has them, for rabbitmqctl import_definitions
                                       [--drill] [--regulation FILE]
            phoihop broker asyncapi                     the wire contract as AsyncAPI 3.0, which schemas/asyncapi.json is
            phoihop broker seed                         puts the token of leadership in place and creates the ledger, as user provisioner;
                                                        doing it again does no harm

            DIR holds each password in a file named as the party. --drill permits a drill's clock.

            Examples
              phoihop broker definitions --secrets /etc/phoihop/secrets | rabbitmqctl import_definitions
              PHOIHOP_BROKER=amqp://provisioner:…@localhost/ phoihop broker seed
            """)

    private static let time = Wording(
        vi: """
            Thời điểm ghi thế nào (giờ Lào Cai, +07:00)

              19:12   19h12   19:12:30            hôm nay
              hôm qua 22:10   yesterday 22:10     hôm qua
              2026-03-14 19:12   14/3/2026 19h12   19h12 ngày 14/3/2026
              2026-03-14T19:12:00+07:00           RFC 3339, có múi giờ
              now                                 lúc này

            Việc đã xảy ra không thể ở phía trước: 23:50 ghi lúc 00:10 sẽ bị hỏi lại; đề nghị ghi “hôm qua 23:50”.
            Trong --data, thời điểm luôn theo RFC 3339 kèm múi giờ.
            """,
        en: """
            How to write times (Lào Cai's, +07:00)

              19:12   19h12   19:12:30            today
              yesterday 22:10   hôm qua 22:10     yesterday
              2026-03-14 19:12   14/3/2026 19h12
              2026-03-14T19:12:00+07:00           RFC 3339 with its offset
              now                                 this moment

            What happened cannot lie in the future: 23:50 entered at 00:10 is refused; write “yesterday 23:50”.
            Inside --data, times are always RFC 3339 with an offset.
            """)

    private static let data = Wording(
        vi: """
            phoihop publish LOẠI-TIN --data TỆP|-   nội dung từ tệp, hoặc từ đầu vào chuẩn (-)

            Tệp là một đối tượng JSON, hoặc nhiều tin, mỗi dòng một đối tượng. Mỗi đối tượng là nội dung tin:
              {"kind":"technical","occurredAt":"2026-03-14T19:12:00+07:00","title":"màn hình LED không hiển thị"}
            hoặc kèm vụ việc:
              {"subject":"SC-20260314-1913-k7","data":{…}}
            Cờ --mục ghi thêm thì đè lên mục cùng tên trong mọi dòng. Có một dòng sai thì không dòng nào được gửi;
            mọi dòng sai đều được nêu kèm số dòng.
            """,
        en: """
            phoihop publish TYPE --data FILE|-   the content from a file, or from standard input (-)

            The file is one JSON object, or several messages, one object a line. Each object is the message's data:
              {"kind":"technical","occurredAt":"2026-03-14T19:12:00+07:00","title":"LED screen dark"}
            or names its case:
              {"subject":"SC-20260314-1913-k7","data":{…}}
            Field flags given beside it override the member of that name on every line. If one line is wrong, none is sent;
            every wrong line is told with its number.
            """)

    private static let codes = Wording(
        vi: """
            Mã trả về
              0   xong (tin đã xác nhận, hoặc đã lưu để gửi)
              1   simulate: có điều không đúng như kịch bản kỳ vọng; regulation coverage: có việc thiếu
              64  lệnh chưa đúng
              65  nội dung chưa đúng
              69  máy chủ tin hoặc hệ thống điều phối không trả lời; doctor: có điều chưa tốt
              73  không ghi được (đĩa đầy, không có quyền ghi)
              77  không được phép (mật khẩu, quyền gửi)
            """,
        en: """
            Exit codes
              0   done (confirmed, or kept to be sent)
              1   simulate: not all came as the scenario expects; regulation coverage: a duty lacks something
              64  the command line is not right
              65  the content is not right
              69  the broker or the coordinator does not answer; doctor: not all is fine
              73  cannot write (disk full, no permission)
              77  not permitted (password, right to send)
            """)

    private static let settings = Wording(
        vi: """
            Cài đặt, bằng cờ hoặc biến môi trường

              --party       PHOIHOP_PARTY       đơn vị, ví dụ border-guard
              --broker      PHOIHOP_BROKER      amqp://tên:mật-khẩu@máy:cổng/ (TLS: amqps://…?cafile=…)
              --home        PHOIHOP_HOME        thư mục của đơn vị: hộp tin, tin chờ gửi
              --regulation  PHOIHOP_REGULATION  quy định khác bản có sẵn: tệp, hoặc thư mục
              --clock       PHOIHOP_CLOCK       đồng hồ diễn tập, TỐC-ĐỘ@THẬT=DIỄN-TẬP
                            PHOIHOP_FILES_URI   địa chỉ để nơi nhận lấy tệp của đơn vị; xem: phoihop help files
              --lang        LC_ALL, LANG        vi (mặc định) hoặc en
            """,
        en: """
            Settings, by flag or environment variable

              --party       PHOIHOP_PARTY       the party, such as border-guard
              --broker      PHOIHOP_BROKER      amqp://user:password@host:port/ (TLS: amqps://…?cafile=…)
              --home        PHOIHOP_HOME        the party's directory: inbox, messages to be sent
              --regulation  PHOIHOP_REGULATION  a regulation other than the one built in: file or folder
              --clock       PHOIHOP_CLOCK       a drill's clock, RATE@WALL=VIRTUAL
                            PHOIHOP_FILES_URI   where receivers fetch the party's files; see: phoihop help files
              --lang        LC_ALL, LANG        vi (default) or en
            """)
}
