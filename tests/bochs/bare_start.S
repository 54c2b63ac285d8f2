/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a multiboot loader to bare_main() in 64-bit mode: the first GiB mapped one to one, AVX-512's
 * registers switched on, no interrupts.
 */
#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 3 /* modules at pages, memory size */
#define PAGE_TABLE      3 /* present, writable */
#define PAGE_2_MIB      0x83
#define CR0_CLEAR       0x0000000c /* EM, TS */
#define CR0_SET         0x80000003 /* PG, MP, PE */
#define CR4_SET         0x00040620 /* OSXSAVE, OSXMMEXCPT, OSFXSR, PAE */
#define MSR_EFER        0xc0000080
#define EFER_LME        0x100
#define XCR0            0xe7 /* x87, SSE, AVX, all three parts of AVX-512 */
#define CODE            8
#define DATA            16

        .section .multiboot, "a"
        .align 4
        .long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

        .text
        .code32
        .globl bare_start
bare_start:
        cli
        movl $stack_end, %esp
        movl $second_level, %eax
        orl $PAGE_TABLE, %eax
        movl %eax, first_level
        movl $third_level, %eax
        orl $PAGE_TABLE, %eax
        movl %eax, second_level
        movl $third_level, %edi
        movl $PAGE_2_MIB, %eax
        movl $512, %ecx
1:      movl %eax, (%edi)
        addl $0x200000, %eax
        addl $8, %edi
        loop 1b

        movl $first_level, %eax
        movl %eax, %cr3
        movl %cr4, %eax
        orl $CR4_SET, %eax
        movl %eax, %cr4
        movl $MSR_EFER, %ecx
        rdmsr
        orl $EFER_LME, %eax
        wrmsr
        movl %cr0, %eax
        andl $~CR0_CLEAR, %eax
        orl $CR0_SET, %eax
        movl %eax, %cr0
        lgdt segments_pointer
        ljmp $CODE, $in_64_bits

        .code64
in_64_bits:
        movw $DATA, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        xorl %ecx, %ecx
        xorl %edx, %edx
        movl $XCR0, %eax
        xsetbv
        call bare_main
2:      hlt
        jmp 2b

        .data
        .align 8
segments:
        .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
segments_pointer:
        .word segments_pointer - segments - 1
        .long segments

        .bss
        .align 4096
first_level:
        .skip 4096
second_level:
        .skip 4096
third_level:
        .skip 4096
        .skip 65536
stack_end:

        .section .note.GNU-stack, "", @progbits
